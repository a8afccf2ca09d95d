"""Refusals of a plan as values; test_guarded_plans.py of the commands carries plans out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.deploy.guards.guard import Subject
from tapgen.deploy.guards.whole_plan import guarded, refusal_of
from tapgen.model.changes.change import Change, ChangeSet
from tapgen.model.plan import Blocked, Entry, NoChange, Plan, Planned, Refusal

if TYPE_CHECKING:
    from tests.lab import Lab


def test_every_entry_and_the_plan_itself_are_judged(lab: Lab) -> None:
    stack = lab.stack("data", {"Table": lab.table("t")}, protected=True)
    other = lab.stack("zone", {"Note": lab.note()})
    lost = Change("Remove", "Gone", "AWS::DynamoDB::Table")
    entries: dict[str, Entry] = {
        "data": Planned(stack, "UPDATE", {}, ChangeSet("arn", "id", (lost,))),
        "zone": Blocked(other, "", "it is another's", "Rename it.", refused=True),
        "api": Blocked(other, "UPDATE_FAILED", "it is stuck", "Recover it."),
        "dns": NoChange(other, {}),
    }
    subject = Subject(lab.target(stack, other), entries)
    plan = guarded(Plan("lab", entries, ("dns",)), subject, frozenset())
    assert plan.refusals == {
        "": (
            Refusal(
                "protection of dns would be switched off: nothing would prevent a loss of data",
                "To keep lab protected, set `protection: true`.",
                option="--allow-unprotect",
            ),
        ),
        "data": (
            Refusal(
                "data.Gone (AWS::DynamoDB::Table) would be removed and lab is protected",
                resource="Gone",
                option="--allow-replacement data.Gone",
            ),
        ),
        "zone": (Refusal("it is another's", "Rename it."),),
    }
    assert plan.entries == entries
    lifted = Subject(subject.target, entries, lifted=frozenset({"--allow-unprotect"}))
    assert guarded(plan, lifted, frozenset({"data.Gone"})).refusals.keys() == {"zone"}


def test_a_single_refusal_is_told_as_it_is() -> None:
    refusal = Refusal("the load is high", "Wait.")
    error = refusal_of({"dev": Plan("dev", {}, refusals={"data": (refusal,)})})
    assert error is not None
    assert (error.message, error.hint, error.exit_code) == ("the load is high", "Wait.", 4)
    assert refusal_of({"dev": Plan("dev", {})}) is None
