import re
from dataclasses import replace
from typing import Annotated, Literal

import pytest
from msgspec import Meta, Struct, field

from tapgen.errors import TapgenError
from tapgen.model.layer import Layer
from tapgen.model.limits import Range
from tapgen.model.platform import Platform
from tapgen.payments.platform import PLATFORM
from tapgen.settings.base import (
    Elsewhere,
    SecretReference,
    Section,
    Settings,
    described,
    text,
    whole,
)
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


class Knobs(Section, frozen=True):
    """A section whose settings cannot be used."""

    inner: Annotated[float, described("What no setting is.")] = 1.0
    nested: Elsewhere | None = None


class Lost(Struct, frozen=True):
    """What is no section."""


class Wrong(Settings, frozen=True, kw_only=True):
    """What a platform must not declare."""

    bare: int | None = None
    metred: Annotated[int, Meta(ge=1)] = 1
    read: Annotated[int, whole(Range(1, 2), "Rules could not reckon with it.")] | Elsewhere
    empty: Annotated[int, whole(Range(10, 1), "From ten to one.")]
    large: Annotated[int, whole(Range(1, 9), "One to nine.")] = 10
    yes: Annotated[bool, described("Yes or no.")] = "yes"  # type: ignore[assignment]
    color: Annotated[Literal["red"], described("A color.")] = "blue"  # type: ignore[assignment]
    days: Annotated[tuple[Literal["mon"], ...], described("Days.")] = ("tue",)  # type: ignore[assignment]
    loud: Annotated[str, text("^[a-z]+$", "A word.")] = "LOUD"
    secret: Annotated[SecretReference, described("A secret.")] = 3  # type: ignore[assignment]
    knobs: Knobs = Knobs()
    other: Knobs = 3  # type: ignore[assignment]
    lost: Lost = Lost()
    fine: Annotated[int, whole(Range(1, 9), "One to nine.")] = 9
    names: Annotated[tuple[Literal["a"], ...], described("Names.")] = ()
    made: Annotated[bool, described("Made by a function.")] = field(default_factory=lambda: True)
    made_wrong: Annotated[bool, described("Made wrong.")] = field(default_factory=lambda: "yes")  # type: ignore[assignment]


def test_all_that_is_wrong_with_settings_is_told_at_once() -> None:
    with pytest.raises(TapgenError) as caught:
        fields(Platform(name="wrong", layers=(), settings=f"{__name__}:Wrong"))
    told = []
    for line in caught.value.message.splitlines():
        place, _, rest = line.partition(": the setting ")
        assert re.fullmatch(r"tests/settings/test_fields\.py:\d+", place)
        told.append(rest)
    kinds = "is not a text, whole number, bool, Literal, tuple of a Literal or SecretReference"
    assert told == [
        "bare is declared without a description",
        "metred is declared without a description",
        "read is not a text, and cannot be read from elsewhere: declare it without Elsewhere",
        "empty accepts no value: its Range is from 10 to 1",
        "large has the default 10, which would not be accepted in a file",
        "yes has the default 'yes', which would not be accepted in a file",
        "color has the default 'blue', which would not be accepted in a file",
        "days has the default ('tue',), which would not be accepted in a file",
        "loud has the default 'LOUD', which would not be accepted in a file",
        "secret has the default 3, which would not be accepted in a file",
        f"knobs.inner {kinds}",
        "knobs.nested is declared without a description",
        f"other.inner {kinds}",
        "other.nested is declared without a description",
        "other has a default that is not a Knobs",
        "lost is a Lost, no Section",
        "made_wrong has the default 'yes', which would not be accepted in a file",
    ]


class Outer(Section, frozen=True):
    """A section with a section in it."""

    inner: Knobs = Knobs()


class Nested(Settings, frozen=True, kw_only=True):
    """What no file could have."""

    outer: Outer = Outer()


class Quoted(Settings, frozen=True, kw_only=True):
    """A name that is not there."""

    size: "Nowhere"  # type: ignore[name-defined]  # noqa: F821 - that is what is wrong


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("Nested", "the setting outer.inner is in a section of a section"),
        ("Quoted", "Quoted cannot be read: name 'Nowhere' is not defined"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(kind: str, told: str) -> None:
    with pytest.raises(TapgenError) as caught:
        fields(Platform(name="wrong", layers=(), settings=f"{__name__}:{kind}"))
    place, _, rest = caught.value.message.partition(": ")
    assert re.fullmatch(r"tests/settings/test_fields\.py:\d+", place)
    assert rest == told


@pytest.mark.parametrize("field", fields(PLATFORM).values(), ids=lambda field: field.setting)
def test_every_text_says_what_it_looks_like(field: Field) -> None:
    if field.pattern:
        assert field.form is not None
        assert re.search(field.pattern, field.form.example)
        assert re.fullmatch(
            f"[{field.form.letters}]+" if field.form.letters else ".+", field.form.example
        )


def test_what_a_platform_names_has_to_be_there() -> None:
    layers = (
        Layer("one", "", enabled_by="domian", deadline="xyz", region="us-wst-1"),
        Layer("two", "", enabled_by="domain", region="us-east-1"),
    )
    platform = replace(
        PLATFORM,
        layers=layers,
        tags={"Owner": "owner", "Prefix": "prefix"},
        identity=("domain", "dmain"),
        rollout="functions.rolout",
        artifacts=None,
        rollback_alarms=(),
    )
    with pytest.raises(TapgenError) as refused:
        fields(platform)
    told = """\
the platform payments has no region us-wst-1: `region` of the layer one; did you mean us-west-1?
the platform payments has no setting owner: `tags` of Owner
the platform payments has no setting dmain: `identity`; did you mean domain?
the platform payments has no setting functions.rolout: `rollout`; did you mean functions.rollout?
the platform payments has no setting domian: `enabled_by` of the layer one; did you mean domain?
the platform payments has no setting xyz: `deadline` of the layer one
"""
    assert refused.value.message == told.rstrip()
    assert refused.value.hint == "Correct the Platform."
