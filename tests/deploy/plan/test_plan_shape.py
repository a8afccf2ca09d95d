"""A plan file is what it should be, or is told what it is not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.deploy.plan.plan_file import digest, saved_plan, to_save
from tapgen.deploy.plan.plan_shape import misfits
from tapgen.errors import RefusedError
from tapgen.model.changes.change import Change, ChangeSet, PropertyChange
from tapgen.model.layer import OutputRef
from tapgen.model.plan import (
    Adoption,
    Blocked,
    Entry,
    FailedCreation,
    NoChange,
    Pending,
    Plan,
    Planned,
)

if TYPE_CHECKING:
    from tapgen.render.rendering import Rendered


@pytest.fixture
def document(rendered: Rendered) -> dict[str, Any]:
    """A plan with an entry of each kind."""
    stack = rendered.stacks["dev"][0]
    change = Change("Modify", "Table", "T", details=(PropertyChange(before="a"),))
    adoption = Adoption("Table", "T", "TableName", "t", {"TableName": "t"})
    entries: list[Entry] = [
        Planned(stack, "UPDATE", {"A": "b"}, ChangeSet("arn", "id", (change,)), {}, (adoption,)),
        NoChange(stack, {}, "2026-01-01"),
        Pending(stack, (OutputRef("data", "KeyArn"),)),
        FailedCreation(stack, "ROLLBACK_COMPLETE"),
        Blocked(stack, "DELETE_FAILED", "no", "hint", refused=False),
    ]
    plan = Plan("dev", {f"layer{number}": entry for number, entry in enumerate(entries)})
    found: dict[str, Any] = json.loads(
        to_save(plan, "0" * 64, "arn:aws:iam::111111111111:user/anna").text
    )
    return found


def put(document: dict[str, Any], way: str, value: Any) -> None:
    *steps, last = way.split(".")
    at: Any = document
    for step in steps:
        at = at[int(step)] if isinstance(at, list) else at[step]
    if value is ...:
        del at[last]
    else:
        at[int(last) if isinstance(at, list) else last] = value


def test_what_is_written_fits(document: dict[str, Any]) -> None:
    assert list(misfits(document)) == []


@pytest.mark.parametrize(
    ("way", "value", "told"),
    [
        ("environment", 5, "environment is not text"),
        ("stacks", [], "stacks is not an object"),
        ("layers", "data", "layers is not a list"),
        ("layers.0", None, "layers.0 is not text"),
        ("code_sha256", ..., "code_sha256 is missing"),
        ("stacks.layer0", "x", "stacks.layer0.kind is not one of Planned, Same, Pending"),
        ("stacks.layer0.kind", "Odd", "stacks.layer0.kind is not one of Planned, Same, Pending"),
        ("stacks.layer0.kind", [], "stacks.layer0.kind is not one of Planned, Same, Pending"),
        ("stacks.layer0.change_set", 7, "stacks.layer0.change_set is not text"),
        ("stacks.layer0.parameters", None, "stacks.layer0.parameters is not an object"),
        ("stacks.layer0.parameters.A", None, "stacks.layer0.parameters.A is not text"),
        ("stacks.layer0.changes.0", None, "stacks.layer0.changes.0 is not an object"),
        ("stacks.layer0.changes.0.details.0.before", 1, "details.0.before is not text"),
        ("stacks.layer0.changes.0.action", ..., "stacks.layer0.changes.0.action is missing"),
        ("stacks.layer0.adoptions.0.identifier", 1, "adoptions.0.identifier is not text"),
        ("stacks.layer2.needs", {}, "stacks.layer2.needs is not a list"),
        ("stacks.layer4.refused", "no", "stacks.layer4.refused is not true or false"),
        ("stacks.layer1.stack.protected", 1, "stacks.layer1.stack.protected is not true or false"),
        ("stacks.layer1.stack", ..., "stacks.layer1.stack is not an object"),
    ],
)
def test_what_does_not_fit_is_told_whatever_the_digest(
    document: dict[str, Any], way: str, value: Any, told: str
) -> None:
    put(document, way, value)
    document["digest"] = digest(document)
    with pytest.raises(RefusedError) as refused:
        saved_plan(json.dumps(document), "plan.json")
    assert refused.value.message.startswith("plan.json is not a plan file: ")
    assert told in refused.value.message
