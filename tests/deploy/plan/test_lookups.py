"""Retained resources looked up ahead of time: each answer serves once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.deploy.plan.adoption import Lookups, adoptable
from tapgen.errors import TapgenError
from tapgen.model.layer import OutputRef

if TYPE_CHECKING:
    import pytest

    from tests.lab import Lab


def test_what_was_foreseen_is_not_asked_again_but_once(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def find(region: Any, resource_type: str, properties: dict[str, Any]) -> str:
        asked.append(properties["TableName"])
        return str(properties["TableName"])

    monkeypatch.setattr("tapgen.deploy.plan.adoption.find", find)
    resources = {"Table": lab.table("kept"), "Note": lab.note({"Ref": "Id"})}
    stack = lab.stack("data", resources, inputs={"Id": OutputRef("network", "Id")})
    region = lab.target(stack).region_of(stack)
    lookups = Lookups()
    lookups.foresee(stack, region)
    assert asked == ["kept"]
    parameters = {"Id": "one"}
    (adoption,) = adoptable(stack, parameters, region, lookups.find)
    assert (adoption.identifier, asked) == ("kept", ["kept"])
    adoptable(stack, parameters, region, lookups.find)
    assert asked == ["kept", "kept"]


def test_what_cannot_be_foreseen_is_asked_when_it_is_wanted(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise TapgenError("not now")

    stack = lab.stack("data", {"Table": lab.table("kept")})
    region = lab.target(stack).region_of(stack)
    lookups = Lookups()
    with monkeypatch.context() as patched:
        patched.setattr("tapgen.deploy.plan.adoption.find", refuse)
        lookups.foresee(stack, region)
    assert adoptable(stack, {}, region, lookups.find) == ()
