"""What an earlier stack left behind is looked up by its name, ahead of time or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tapgen.deploy.adopt.left_behind import Lookups, left_behind
from tapgen.errors import TapgenError
from tapgen.model.layer import OutputRef
from tests.lab import Lab

if TYPE_CHECKING:
    import pytest


def test_what_was_foreseen_is_not_asked_again_but_once(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def find(_region: Any, _type: str, properties: dict[str, Any], owner: Any) -> str:
        assert owner == {"Environment": "lab", "Layer": "data"}
        asked.append(properties["TableName"])
        return str(properties["TableName"])

    monkeypatch.setattr("tapgen.deploy.adopt.left_behind.find", find)
    resources = {"Table": lab.table("kept"), "Note": lab.note({"Ref": "Id"})}
    stack = lab.stack("data", resources, inputs={"Id": OutputRef("network", "Id")})
    region = lab.target(stack).region_of(stack)
    lookups = Lookups()
    lookups.foresee(stack, region)
    assert asked == ["kept"]
    parameters = {"Id": "one"}
    (adoption,) = left_behind(stack, parameters, region, lookups.find)
    assert (adoption.identifier, asked) == ("kept", ["kept"])
    left_behind(stack, parameters, region, lookups.find)
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
        patched.setattr("tapgen.deploy.adopt.left_behind.find", refuse)
        lookups.foresee(stack, region)
    assert left_behind(stack, {}, region, lookups.find) == ()
