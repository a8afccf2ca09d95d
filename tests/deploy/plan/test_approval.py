"""Stacks that were pending go on by themselves only within what was approved."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.deploy.flow.host import SILENT, Question, Recorder
from tapgen.deploy.plan.approval import question
from tapgen.model.changes.change import Change, ChangeSet
from tapgen.model.deployed.events import Failed, Unchanged, Updated
from tapgen.model.layer import OutputRef
from tapgen.model.plan import Pending, Planned

if TYPE_CHECKING:
    from tapgen.model.stack import Stack
    from tests.lab import Lab


def upstream(lab: Lab, name: str) -> Stack:
    """A stack whose output becomes another when `name` does."""
    return lab.stack(
        "network",
        {"Note": lab.note(Name={"Ref": "Name"})},
        parameters={"Name": name},
        outputs={"Name": {"Ref": "Note"}},
    )


def downstream(lab: Lab, resource: dict[str, Any]) -> Stack:
    return lab.stack("data", {"Taker": resource}, inputs={"Taken": OutputRef("network", "Name")})


def replaced(lab: Lab) -> Stack:
    return downstream(lab, lab.note(Name={"Fn::Sub": "${Taken}-taker"}))


def in_place(lab: Lab) -> Stack:
    return downstream(lab, lab.note({"Ref": "Taken"}))


def test_what_changes_in_place_goes_on_by_itself(lab: Lab) -> None:
    lab.deploy(upstream(lab, "one"), in_place(lab))
    ran = lab.deploy(upstream(lab, "two"), in_place(lab))
    assert ran.plan is not None
    assert isinstance(ran.plan.entries["data"], Pending)
    assert isinstance(ran.outcomes["data"], Updated)


def test_a_replacement_that_nobody_saw_is_refused_with_the_way_to_go_on(lab: Lab) -> None:
    lab.deploy(upstream(lab, "one"), replaced(lab))
    outcome = lab.deploy(upstream(lab, "two"), replaced(lab)).outcomes["data"]
    assert isinstance(outcome, Failed)
    assert outcome.refused
    assert outcome.reason == (
        "data was pending when the plan was made, and now it would have "
        "Taker (AWS::SSM::Parameter) replaced"
    )
    assert outcome.hint.startswith("data was not changed. Run `tapgen deploy --env lab")
    assert lab.change_sets("data") == []
    # Now it is planned, so it is reviewed.
    assert isinstance(lab.deploy(upstream(lab, "two"), replaced(lab)).outcomes["data"], Updated)


@pytest.mark.parametrize(("agreed", "kind"), [(True, Updated), (False, Failed)])
def test_somebody_can_be_asked(lab: Lab, agreed: bool, kind: type) -> None:
    lab.deploy(upstream(lab, "one"), replaced(lab))
    deployment = lab.deployment(upstream(lab, "two"), replaced(lab))
    host = Recorder(agreed)
    deployment.carry_out(lab.plan(deployment), host)
    assert isinstance(deployment.outcomes["data"], kind)
    (asked,) = host.questions
    assert (asked.text, asked.type_name) == ("Continue with this?", "")
    entry = asked.about
    assert isinstance(entry, Planned)
    assert [change.logical_id for change in entry.change_set.changes] == ["Taker"]


def test_nobody_is_asked_who_may_not_be(lab: Lab) -> None:
    lab.deploy(upstream(lab, "one"), replaced(lab))
    deployment = lab.deployment(upstream(lab, "two"), replaced(lab), may_ask=False)
    host = Recorder()
    deployment.carry_out(lab.plan(deployment), host)
    assert isinstance(deployment.outcomes["data"], Failed)
    assert host.questions == []


def test_where_it_is_protected_its_name_has_to_be_typed(lab: Lab) -> None:
    losing = Change("Modify", "Taker", "AWS::SSM::Parameter", "True")
    stack = dataclasses.replace(replaced(lab), protected=True)
    entry = Planned(stack, "UPDATE", {}, ChangeSet("arn", "id", (losing,)))
    assert question(entry) == Question("Continue with this?", entry, "lab")


@dataclasses.dataclass
class Gone(Recorder):
    """A host that cannot be asked any more."""

    def ask(self, question: Question) -> bool:
        raise LookupError(f"nobody says whether to {question.text.lower()}")


def test_a_run_that_is_broken_off_at_the_question_ends(lab: Lab) -> None:
    lab.deploy(upstream(lab, "one"), replaced(lab))
    deployment = lab.deployment(upstream(lab, "two"), replaced(lab))
    plan = lab.plan(deployment)
    with pytest.raises(LookupError, match="nobody says whether to continue with this"):
        deployment.carry_out(plan, Gone())
    assert lab.change_sets("data") == []


def test_a_reviewed_file_is_not_planned_again(lab: Lab) -> None:
    lab.deploy(upstream(lab, "one"), in_place(lab))
    changed = downstream(lab, lab.note({"Ref": "Taken"}, Description="new"))
    deployment = lab.deployment(upstream(lab, "one"), changed, strict=True)
    plan = lab.plan(deployment)
    entry = plan.entries["data"]
    assert isinstance(entry, Planned)
    other = dataclasses.replace(entry, parameters={"Taken": "another"})
    plan = dataclasses.replace(plan, entries={**plan.entries, "data": other})
    deployment.carry_out(plan, SILENT)
    outcome = deployment.outcomes["data"]
    assert isinstance(deployment.outcomes["network"], Unchanged)
    assert isinstance(outcome, Failed)
    assert outcome.refused
    assert outcome.reason == "values for data have changed since the review: network.Name"
    assert "tapgen plan --env lab --out FILE" in outcome.hint


def test_strict_losses_lead_back_to_a_new_plan(lab: Lab) -> None:
    lab.deploy(upstream(lab, "one"), replaced(lab))
    outcome = lab.deploy(upstream(lab, "two"), replaced(lab), strict=True).outcomes["data"]
    assert isinstance(outcome, Failed)
    assert "tapgen plan --env lab --out FILE" in outcome.hint
