import re
from typing import Annotated

import pytest

from tapgen.errors import TapgenError
from tapgen.model.limits import Range
from tapgen.model.platform import Platform
from tapgen.payments.platform import PLATFORM
from tapgen.settings.base import Elsewhere, Settings, whole
from tapgen.settings.fields import Field, fields, may_vary, sections


@pytest.mark.parametrize(
    ("setting", "varies"),
    [
        ("functions.memory_mb", True),
        ("functions.log_level", False),
        ("network.interface_endpoints.kms", False),
        ("name", True),
        ("prefix", True),
        ("code.key", False),
    ],
)
def test_what_fills_a_parameter_may_vary_or_not(setting: str, varies: bool) -> None:
    assert may_vary(PLATFORM, setting) is varies


def test_every_setting_says_for_itself() -> None:
    assert {name: may_vary(PLATFORM, name) for name in fields(PLATFORM)} == {
        name: field.varies for name, field in fields(PLATFORM).items()
    }


def test_sections_hold_their_settings() -> None:
    assert sections(PLATFORM)["certificate"] == ("wait_minutes",)
    assert sections(PLATFORM)[""][-3:] == ("deployment", "timeout_minutes", "cost")


class Bare(Settings, frozen=True, kw_only=True):
    """What a platform must not declare."""

    size: int | None = None


def test_a_setting_without_a_description_is_refused() -> None:
    with pytest.raises(TapgenError, match="the setting size is declared without a description"):
        fields(Platform(name="bare", layers=(), settings=f"{__name__}:Bare"))


class Read(Settings, frozen=True, kw_only=True):
    """What rules between settings could not reckon with."""

    size: Annotated[int, whole(Range(1, 2), "Its size.")] | Elsewhere


def test_only_a_text_may_be_read_from_elsewhere() -> None:
    with pytest.raises(TapgenError, match="the setting size is no text"):
        fields(Platform(name="read", layers=(), settings=f"{__name__}:Read"))


@pytest.mark.parametrize("field", fields(PLATFORM).values(), ids=lambda field: field.setting)
def test_every_text_says_what_it_looks_like(field: Field) -> None:
    if field.pattern:
        assert field.form is not None
        assert re.search(field.pattern, field.form.example)
        assert re.fullmatch(
            f"[{field.form.letters}]+" if field.form.letters else ".+", field.form.example
        )
