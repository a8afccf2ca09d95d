"""StackStatus x command: what `stack_status.ACTIONS` promises is what happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import botocore.session
import pytest

from tapgen.deploy.observe.inspection import at_work, states
from tapgen.deploy.rescue.cancel import CANCELLABLE, Cancellation
from tapgen.deploy.rescue.recover import Recovery
from tapgen.deploy.rescue.watch import Watching
from tapgen.model.deployed.events import (
    Created,
    Deleted,
    Failed,
    RolledBack,
    Unchanged,
    Updated,
    succeeded,
)
from tapgen.model.deployed.stack_status import (
    ABSENT,
    ACTIONS,
    DeployAction,
    DestroyAction,
    RecoverAction,
    in_progress,
)
from tests.advice import advised, follow
from tests.lab import told
from tests.predicaments import DISGUISED, FAILURES, REAL, at_rest, data, disguise
from tests.waiting import once_watched

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lab import Lab
    from tests.predicaments import Faults

pytestmark = pytest.mark.slow

ALL = [*REAL, *DISGUISED]
MOVING = [status for status in ALL if in_progress(status)]
# What each comes to by itself. Those in disguise are created stacks.
ENDS = {
    "CREATE_IN_PROGRESS": "CREATE_COMPLETE",
    "UPDATE_IN_PROGRESS": "UPDATE_COMPLETE",
    "DELETE_IN_PROGRESS": ABSENT,
    "ROLLBACK_IN_PROGRESS": "ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_IN_PROGRESS": "UPDATE_ROLLBACK_COMPLETE",
}
OUTCOMES = {
    "CREATE_COMPLETE": Created,
    "UPDATE_COMPLETE": Updated,
    ABSENT: Deleted,
    "ROLLBACK_COMPLETE": Failed,
    "UPDATE_ROLLBACK_COMPLETE": Failed,
}


@pytest.fixture
def bring(
    lab: Lab, faults: Callable[[dict[str, Any]], None], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], None]:
    """Bring the stack into a status, then mend the faults.

    What is in progress is held until it has been seen to be so, and is watched.
    """

    def prepare(status: str) -> None:
        if status in DISGUISED:
            REAL["CREATE_COMPLETE"](lab, faults)
            disguise(monkeypatch, status)
            return
        REAL[status](lab, faults)
        assert lab.status("data") == status
        if in_progress(status):
            once_watched(monkeypatch, lambda: faults({}))
        else:
            faults({})

    return prepare


def test_every_status_of_the_api_is_in_the_matrix() -> None:
    api = botocore.session.get_session().get_service_model("cloudformation")
    every = set(api.shape_for("StackStatus").enum)  # type: ignore[attr-defined]
    assert set(ALL) == {ABSENT, *every - {"DELETE_COMPLETE"}}  # that one is never found by name


@pytest.mark.parametrize("status", ALL)
def test_deploy(lab: Lab, bring: Callable[[str], None], status: str) -> None:
    bring(status)
    ran = lab.deploy(data(lab, "new"))
    outcome = ran.outcomes["data"]
    road = ACTIONS[status].deploy
    if road is DeployAction.RECOVER:
        assert isinstance(outcome, Failed)
        assert outcome.status == status
        by_hand = ACTIONS[status].recover is RecoverAction.BY_HAND
        assert ("tapgen recover --env lab --layer data --local" in outcome.hint) is not by_hand
        assert ("the events of lab-data in the AWS console" in outcome.hint) is by_hand
        return
    kinds = {
        DeployAction.CREATE: Created,
        DeployAction.RECREATE: Created,
        DeployAction.UPDATE: Updated,
    }
    assert isinstance(outcome, kinds.get(road, Created | Updated))
    assert lab.status("data") in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
    found = lab.client("cloudformation").describe_stack_resources(StackName="lab-data")
    resources = {one["LogicalResourceId"]: one["ResourceStatus"] for one in found["StackResources"]}
    assert resources.keys() == {"Note", "Late"}
    assert set(resources.values()) <= {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
    notes = [one["PhysicalResourceId"] for one in found["StackResources"]]
    values = lab.client("ssm").get_parameters(Names=notes)["Parameters"]
    assert [one["Value"] for one in values] == ["new", "new"]


@pytest.mark.parametrize("status", ALL)
def test_destroy(lab: Lab, bring: Callable[[str], None], status: str) -> None:
    bring(status)
    outcomes = lab.destroy(data(lab)).outcomes
    assert isinstance(outcomes["data"], Deleted)
    assert lab.status("data") == ABSENT
    assert (ACTIONS[status].destroy is DestroyAction.NOTHING) == (status == ABSENT)


@pytest.mark.parametrize("status", ALL)
def test_recover_and_deploy_again(lab: Lab, bring: Callable[[str], None], status: str) -> None:
    bring(status)
    before = lab.status("data")
    run = lab.run(data(lab))
    recovery = Recovery(run, run.target.graph)
    assert recovery.look() is recovery.cases
    rescue = ACTIONS[status].recover
    if rescue is RecoverAction.WAIT:
        rescue = ACTIONS[ENDS.get(status, "CREATE_COMPLETE")].recover
    if rescue is RecoverAction.NOTHING:
        assert recovery.cases == {}
    else:
        assert recovery.cases["data"].rescue is rescue
        outcome = recovery.carry_out()["data"]
        kinds = {RecoverAction.DELETE: Deleted, RecoverAction.BY_HAND: Failed}
        assert isinstance(outcome, kinds.get(rescue, RolledBack))
        afters = {RecoverAction.DELETE: ABSENT, RecoverAction.BY_HAND: before}
        assert lab.status("data").endswith(afters.get(rescue, "ROLLBACK_COMPLETE"))
    if rescue is not RecoverAction.BY_HAND:
        assert succeeded(lab.deploy(data(lab)).outcomes["data"])


@pytest.mark.parametrize("status", ALL)
def test_watch(lab: Lab, bring: Callable[[str], None], status: str) -> None:
    bring(status)
    run = lab.run(data(lab))
    outcomes = Watching(run, run.target.graph).carry_out()
    if status not in MOVING:
        assert (told(run), outcomes) == ([], {})
        return
    end = ENDS.get(status, "CREATE_COMPLETE")
    assert type(outcomes["data"]) is OUTCOMES[end]
    assert lab.status("data") == end


@pytest.mark.parametrize("status", ALL)
def test_cancel(lab: Lab, bring: Callable[[str], None], status: str) -> None:
    bring(status)
    before = lab.status("data")
    run = lab.run(data(lab))
    cancellation = Cancellation(run, run.target.graph)
    assert bool(cancellation.look()) is (status in MOVING)
    outcomes = cancellation.carry_out()
    if status not in MOVING:
        assert lab.status("data") == before
        return
    kinds = {"CREATE_IN_PROGRESS": Deleted, "UPDATE_IN_PROGRESS": RolledBack}
    if status in CANCELLABLE:
        assert type(outcomes["data"]) is kinds[status]
    assert at_rest(lab) == {
        **ENDS,
        "CREATE_IN_PROGRESS": ABSENT,
        "UPDATE_IN_PROGRESS": "UPDATE_ROLLBACK_COMPLETE",
    }.get(status, "CREATE_COMPLETE")


@pytest.mark.parametrize("status", ALL)
def test_status(
    lab: Lab, bring: Callable[[str], None], faults: Callable[[dict[str, Any]], None], status: str
) -> None:
    bring(status)
    target = lab.target(data(lab))
    found = states(target, ["data"])
    assert found["data"].status == status
    busy = at_work(target, found)
    if status in REAL and status in MOVING:
        assert busy["data"].logical_id == "Note"
        assert busy["data"].status.endswith("IN_PROGRESS")
    else:
        assert busy == {}
    faults({})
    at_rest(lab)


def test_unchanged_is_a_road_too(lab: Lab, bring: Callable[[str], None]) -> None:
    bring("CREATE_COMPLETE")
    assert isinstance(lab.deploy(data(lab)).outcomes["data"], Unchanged)


LOOKING = {"status", "watch"}  # commands that change nothing
STUCK = [status for status in ALL if ACTIONS[status].deploy is DeployAction.RECOVER]


@pytest.mark.parametrize("status", STUCK)
def test_what_a_blocked_deployment_advises_leads_out(
    lab: Lab, bring: Callable[[str], None], status: str
) -> None:
    bring(status)
    outcome = lab.deploy(data(lab, "new")).outcomes["data"]
    assert isinstance(outcome, Failed)
    commands = advised(outcome.hint)
    if ACTIONS[status].recover is RecoverAction.BY_HAND:
        assert commands == []  # AWS has no call for it: nobody is sent round in circles
        return
    assert len(commands) <= 2
    assert all(succeeded(follow(lab, data(lab, "new"), command)) for command in commands)
    assert lab.status("data") in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}


@pytest.mark.parametrize("failure", FAILURES)
def test_what_a_failure_advises_leads_out(lab: Lab, faults: Faults, failure: str) -> None:
    stack, outcome = FAILURES[failure](lab, faults)
    assert isinstance(outcome, Failed)
    faults({})  # whoever reads it mends the cause, as it says
    commands = [one for one in advised(outcome.hint) if one.split()[0] not in LOOKING]
    commands = commands[: 2 if " then `" in outcome.hint else 1]
    assert commands
    for command in commands:
        ended = follow(lab, stack, command)
    assert succeeded(ended)
    if command.startswith("recover"):  # which tells at its end to deploy
        assert succeeded(lab.deploy(stack).outcomes["data"])
    deployed = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
    assert lab.status("data") in ({ABSENT} if command.startswith("destroy") else deployed)


@pytest.mark.parametrize("failure", ["a destruction", "a recovery", "a rollback once more"])
def test_what_cannot_be_mended_is_left_behind_as_is_advised(
    lab: Lab, faults: Faults, failure: str
) -> None:
    stack, outcome = FAILURES[failure](lab, faults)
    assert isinstance(outcome, Failed)
    *_, without = advised(outcome.hint)
    assert "--skip-resource data.Note" in without
    assert succeeded(follow(lab, stack, without))
    faults({})
    assert succeeded(lab.deploy(stack).outcomes["data"])
