"""A stack is touched only where its tags say whose it is, and taken over only with consent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.deploy.guards.ownership import is_foreign, refuse_other_owner, refuse_to_adopt
from tapgen.deploy.rescue.cancel import Cancellation
from tapgen.deploy.rescue.recover import Recovery
from tapgen.errors import RefusedError
from tapgen.model.layer import outputs_of
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tests.lab import Lab


def test_a_stack_of_another_environment_is_left_alone(lab: Lab) -> None:
    ours = lab.stack("network", {"Note": lab.note()})
    lab.deploy(replace(ours, tags={"Environment": "theirs"}))
    with pytest.raises(RefusedError) as raised:
        lab.plan(lab.deployment(ours))
    assert raised.value.message == (
        "stack lab-network in us-east-1 belongs to the environment theirs, not to lab"
    )
    assert "another stack_prefix" in raised.value.hint


@pytest.mark.parametrize(
    "tags", [{}, {"Layer": "network"}, {"Environment": "lab", "Layer": "another"}], ids=str
)
def test_a_stack_that_does_not_say_whose_it_is_is_left_alone(
    lab: Lab, tags: dict[str, str]
) -> None:
    ours = lab.stack("network", {"Note": lab.note()}, outputs={"Id": "x"})
    lab.deploy(replace(ours, tags=tags))
    api = lab.stack("api", {"Note": lab.note()}, inputs=outputs_of("network", "Id"))
    # Not as what is deployed, nor as what others take from, nor as what is destroyed or helped.
    for refused in (
        lambda: lab.plan(lab.deployment(ours)),
        lambda: lab.plan(replace(lab.deployment(ours, api), graph={"api": frozenset()})),
        lambda: lab.destroy(ours),
    ):
        with pytest.raises(RefusedError, match="lab-network in us-east-1 is not known to belong"):
            refused()
    assert lab.status("network") == "CREATE_COMPLETE"
    assert lab.status("api") == "ABSENT"


def test_somebody_elses_stack_is_neither_stopped_nor_recovered(lab: Lab, faults: Any) -> None:
    ours = lab.stack("network", {"Note": lab.note()})
    run = lab.run(ours)
    faults({"hold": ["Note"]})
    text = ours.template.text
    lab.client("cloudformation").create_stack(StackName=ours.name, TemplateBody=text)
    wait_until(lambda: lab.status("network") == "CREATE_IN_PROGRESS")
    with pytest.raises(RefusedError, match="does not have the tags Environment=lab, Layer=network"):
        Cancellation(run, run.target.graph).look()
    faults({"delete:Note": "no"})
    wait_until(lambda: lab.status("network") == "CREATE_COMPLETE")
    lab.client("cloudformation").delete_stack(StackName=ours.name)
    wait_until(lambda: lab.status("network") == "DELETE_FAILED")
    with pytest.raises(RefusedError, match="does not have the tags"):
        Recovery(run, run.target.graph).look()


def test_a_shell_that_does_not_say_whose_it_is_holds_nothing(lab: Lab) -> None:
    ours = lab.stack("network", {"Note": lab.note()})
    target = lab.target(ours)
    for status in ("ABSENT", "REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "IMPORT_COMPLETE"):
        assert not is_foreign(ours, StackState(ours.name, status))
        refuse_other_owner(target, ours, StackState(ours.name, status))
        refuse_to_adopt(target, ours, StackState(ours.name, status))
    with pytest.raises(RefusedError):
        refuse_other_owner(target, ours, StackState(ours.name, "CREATE_COMPLETE"))
    with pytest.raises(RefusedError):
        refuse_other_owner(
            target, ours, StackState(ours.name, "REVIEW_IN_PROGRESS", tags={"Environment": "x"})
        )


def test_who_is_refused_a_stack_is_told_how_to_take_it_over(lab: Lab) -> None:
    ours = lab.stack("network", {"Note": lab.note()})
    state = StackState(ours.name, "CREATE_COMPLETE", tags={"Owner": "somebody"})
    with pytest.raises(RefusedError) as raised:
        refuse_other_owner(lab.target(ours), ours, state)
    assert "`tapgen adopt --env lab --layer network --local`" in raised.value.hint
    refuse_to_adopt(lab.target(ours), ours, state)


def test_what_tapgen_keeps_for_another_environment_is_never_taken_over(lab: Lab) -> None:
    ours = lab.stack("network", {"Note": lab.note()})
    ours = replace(ours, tags={**ours.tags, "ManagedBy": "tapgen"})
    theirs = {"Environment": "theirs", "Layer": "network", "ManagedBy": "tapgen"}
    state = StackState(ours.name, "CREATE_COMPLETE", tags=theirs)
    with pytest.raises(RefusedError) as raised:
        refuse_other_owner(lab.target(ours), ours, state)
    assert "adopt" not in raised.value.hint
    with pytest.raises(RefusedError, match="environment theirs, not to lab, and tapgen manages"):
        refuse_to_adopt(lab.target(ours), ours, state)
    # A stack of the same tool that lacks a tag which is newer than it is the environment's own.
    older = {"Environment": "lab", "Layer": "network"}
    refuse_to_adopt(lab.target(ours), ours, replace(state, tags=older))


@pytest.mark.parametrize("status", ["CREATE_FAILED", "UPDATE_ROLLBACK_FAILED", "DELETE_FAILED"])
def test_only_what_is_whole_and_at_rest_is_taken_over(lab: Lab, status: str) -> None:
    ours = lab.stack("network", {"Note": lab.note()})
    state = StackState(ours.name, status, tags={"Owner": "somebody"})
    with pytest.raises(RefusedError, match=f"is in {status}, and only") as raised:
        refuse_to_adopt(lab.target(ours), ours, state)
    assert "`tapgen adopt --env lab --layer network --local` again" in raised.value.hint
