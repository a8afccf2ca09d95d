from __future__ import annotations

import re
from typing import Literal

import msgspec
import pytest

from tapgen.errors import TapgenError
from tapgen.model.layer import Layer
from tapgen.model.platform import Platform
from tapgen.payments.platform import PLATFORM
from tapgen.payments.settings import PaymentsSettings
from tapgen.settings.base import Settings, TimeoutMinutes
from tapgen.settings.kinds import settings_of


def test_it_is_the_platforms_own_type_with_a_deadline_for_each_layer() -> None:
    kind = settings_of(PLATFORM)
    assert issubclass(kind, PaymentsSettings)
    assert kind is settings_of(PLATFORM)
    timeouts = kind.__annotations__["timeout_minutes"]
    assert issubclass(timeouts, TimeoutMinutes)
    own = [layer.name for layer in PLATFORM.layers if layer.deadline]
    layers = [layer.name for layer in PLATFORM.layers if layer.name not in own]
    assert own == ["certificate"]
    assert timeouts.__struct_fields__ == ("default", *layers)


def test_a_new_layer_needs_no_settings_file() -> None:
    platform = Platform(name="new", layers=(Layer("new", ""),))
    timeouts = settings_of(platform).__annotations__["timeout_minutes"]
    assert msgspec.convert({"new": 5}, timeouts).new == 5
    for refused in ({"new": 4}, {"old": 5}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(refused, timeouts)


@pytest.mark.parametrize("name", ["tapgen.settings.base:Section", "tapgen.settings.base:prefix_of"])
def test_settings_of_another_kind_are_refused(name: str) -> None:
    with pytest.raises(TapgenError, match="settings of the platform new: "):
        settings_of(Platform(name="new", layers=(), settings=name))


class Shared(Settings, frozen=True, kw_only=True):
    """What the platforms of a company have in common."""

    region: str = "eu-west-1"


class Doubled(Shared, frozen=True, kw_only=True):
    """Settings that every platform has, once more."""

    name: Literal["dev", "prod"] = "dev"
    size: int = 3


def test_a_setting_of_every_platform_is_declared_once() -> None:
    with pytest.raises(TapgenError) as refused:
        settings_of(Platform(name="new", layers=(), settings=f"{__name__}:Doubled"))
    first, second = refused.value.message.splitlines()
    assert re.fullmatch(
        r"tests/settings/test_kinds\.py:\d+: Doubled declares `name`, which every platform has",
        first,
    )
    assert second.endswith(": Shared declares `region`, which every platform has")
    assert refused.value.hint.startswith("Leave it out")
