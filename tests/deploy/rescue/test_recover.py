"""`recover`: plain retry first, then without what was named, and what is told when it fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.aws.cloudformation.watch import Watched
from tapgen.deploy.flow.events import Note, Progress
from tapgen.deploy.rescue.recover import Recovery
from tapgen.deploy.stack.interruption import InterruptedRunError
from tapgen.errors import TapgenError, UsageError
from tapgen.model.deployed.events import Created, Deleted, Failed, RolledBack
from tests.advice import advised
from tests.lab import Reacting, told
from tests.predicaments import (
    at_rest,
    data,
    delete_failed,
    not_rolled_back_update,
    rolled_back,
    under_review,
)

if TYPE_CHECKING:
    from tapgen.deploy.flow.events import Event
    from tapgen.model.deployed.events import Outcome
    from tests.lab import Lab

Faults = Callable[[dict[str, Any]], None]
AGAIN = "`tapgen recover --env lab --layer data --local`"
WITHOUT = "`tapgen recover --env lab --layer data --skip-resource data.Note --local`"


def recovery(lab: Lab, *skips: str) -> Recovery:
    run = lab.run(data(lab))
    return Recovery(run, run.target.graph, frozenset(skips))


def recover(lab: Lab, *skips: str) -> tuple[Outcome, list[Event]]:
    work = recovery(lab, *skips)
    work.look()
    return work.carry_out()["data"], told(work.run)


@pytest.mark.slow
def test_a_rollback_that_fails_again_names_the_resource_and_how_to_go_on_without(
    lab: Lab, faults: Faults
) -> None:
    not_rolled_back_update(lab, faults)
    outcome, _ = recover(lab)
    assert isinstance(outcome, Failed)
    assert outcome.status == "UPDATE_ROLLBACK_FAILED"
    assert "data.Note (AWS::SSM::Parameter): " in outcome.reason
    assert AGAIN in outcome.hint
    assert f"If it fails again, {WITHOUT} continues without it: " in outcome.hint
    outcome, _ = recover(lab, "data.Late")
    assert isinstance(outcome, Failed)
    again, without = advised(outcome.hint)
    assert "--skip-resource data.Late" in again  # it would be in the way again
    assert "--skip-resource data.Late --skip-resource data.Note" in without


@pytest.mark.slow
def test_what_is_named_is_skipped_only_after_a_plain_retry(lab: Lab, faults: Faults) -> None:
    not_rolled_back_update(lab, faults)
    outcome, events = recover(lab, "data.Note", "data.Late")
    assert outcome == RolledBack(("Note",))
    assert Note("data", "retrying without Note") in events
    assert lab.status("data") == "UPDATE_ROLLBACK_COMPLETE"


@pytest.mark.slow
def test_what_is_named_but_works_now_is_not_skipped(lab: Lab, faults: Faults) -> None:
    not_rolled_back_update(lab, faults)
    faults({})
    outcome, _ = recover(lab, "data.Note")
    assert outcome == RolledBack()


@pytest.mark.slow
def test_a_deletion_leaves_behind_only_what_is_named(lab: Lab, faults: Faults) -> None:
    delete_failed(lab, faults)
    failed, _ = recover(lab)
    assert isinstance(failed, Failed)
    assert failed.reason == "data.Note (AWS::SSM::Parameter): stuck"
    assert WITHOUT in failed.hint
    outcome, events = recover(lab, "data.Note")
    assert isinstance(outcome, Deleted)
    assert [kind for kind, _ in outcome.retained] == ["AWS::SSM::Parameter"]
    assert Note("data", "retrying without Note, which is left behind") in events
    assert lab.status("data") == "ABSENT"


def test_a_blocked_deployment_names_the_resource_and_why(lab: Lab, faults: Faults) -> None:
    delete_failed(lab, faults)
    outcome = lab.deploy(data(lab)).outcomes["data"]
    assert isinstance(outcome, Failed)
    assert outcome.reason == (
        "stack lab-data is in DELETE_FAILED: data.Note (AWS::SSM::Parameter): stuck"
    )


@pytest.mark.parametrize("skip", ["data.Note", "api.Note", "Note"])
def test_nothing_to_skip_is_wrong_usage(lab: Lab, faults: Faults, skip: str) -> None:
    under_review(lab, faults)
    with pytest.raises(UsageError, match=f"these resources cannot be skipped: {skip}"):
        recovery(lab, skip).look()
    assert lab.status("data") == "REVIEW_IN_PROGRESS"


def test_termination_protection_is_lifted_for_leftovers_and_set_again(
    lab: Lab, faults: Faults
) -> None:
    rolled_back(lab, faults)
    faults({})
    aws = lab.client("cloudformation")
    aws.update_termination_protection(StackName="lab-data", EnableTerminationProtection=True)
    outcome, _ = recover(lab)
    assert isinstance(outcome, Deleted)
    protected = lab.stack("data", {"Note": lab.note()}, protected=True)
    assert isinstance(lab.deploy(protected).outcomes["data"], Created)
    assert lab.target(protected).describe("data").termination_protection


def test_deploy_recreates_under_termination_protection(lab: Lab, faults: Faults) -> None:
    faults({"create:Note": "no"})
    protected = lab.stack("data", {"Note": lab.note()}, protected=True)
    lab.deploy(protected)
    aws = lab.client("cloudformation")
    aws.update_termination_protection(StackName="lab-data", EnableTerminationProtection=True)
    faults({})
    assert isinstance(lab.deploy(protected).outcomes["data"], Created)
    assert lab.target(protected).describe("data").termination_protection


def interrupting(event: Event) -> None:
    if isinstance(event, Progress):
        raise KeyboardInterrupt


def test_ctrl_c_says_what_goes_on(lab: Lab, faults: Faults) -> None:
    delete_failed(lab, faults)
    faults({"hold": ["*"]})
    work = recovery(lab)
    work.look()
    work.run = work.run.heard_by(Reacting(then=interrupting))
    with pytest.raises(InterruptedRunError, match="AWS continues with data") as raised:
        work.carry_out()
    assert "`tapgen recover --env lab --local` again" in raised.value.hint
    faults({})
    assert at_rest(lab) == "ABSENT"


def test_a_call_that_aws_refuses_fails_its_stack(
    lab: Lab, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise TapgenError("deleting: AccessDenied", "Ask.")

    rolled_back(lab, faults)
    monkeypatch.setattr("tapgen.deploy.stack.operations.delete", refused)
    outcome, _ = recover(lab)
    assert outcome == Failed(
        "deleting: AccessDenied",
        hint="Ask. `tapgen recover --env lab --local` continues from there.",
    )


def test_a_failure_without_a_resource_has_nothing_to_skip(
    lab: Lab, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    rolled_back(lab, faults)
    state = StackState("lab-data", "ROLLBACK_FAILED", "id", reason="no such role")
    monkeypatch.setattr("tapgen.deploy.stack.operations.delete", lambda *_: Watched(state, ()))
    outcome, _ = recover(lab)
    assert isinstance(outcome, Failed)
    assert outcome.reason == "no such role"
    assert outcome.hint == f"Fix the cause, then run {AGAIN} again."
