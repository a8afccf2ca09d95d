"""Operations on one stack, each carried through to its end and told on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.cloudformation.api import CloudFormation
from tapgen.aws.cloudformation.watch import StillRunningError, StoppedError
from tapgen.deploy.flow.events import Note, Progress
from tapgen.deploy.stack import operations
from tapgen.deploy.stack.open_change_sets import OpenChangeSets
from tapgen.deploy.target.run import Run
from tapgen.errors import TapgenError
from tapgen.model.plan import Planned
from tests.lab import told
from tests.predicaments import at_rest, creating, data, deleting, rolled_back_update, updating
from tests.waiting import once_watched

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.deploy.run.deployment import Deployment
    from tests.lab import Lab

    Faults = Callable[[dict[str, Any]], None]


def test_what_is_at_rest_is_not_watched(lab: Lab) -> None:
    lab.deploy(data(lab))
    run = lab.run(data(lab))
    assert operations.watch_to_rest(run, data(lab)).status == "CREATE_COMPLETE"
    assert told(run) == []


def test_what_is_in_progress_is_watched_from_its_first_event_on(
    lab: Lab, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    creating(lab, faults)
    run = lab.run(data(lab))
    once_watched(monkeypatch, lambda: faults({}))
    assert operations.watch_to_rest(run, data(lab)).status == "CREATE_COMPLETE"
    note, first, *_, last = told(run)
    assert note == Note("data", "CREATE_IN_PROGRESS from an earlier run: watching it to its end")
    assert isinstance(first, Progress)
    assert isinstance(last, Progress)
    assert (first.event.logical_id, first.event.status) == ("Note", "CREATE_IN_PROGRESS")
    assert (last.event.logical_id, last.event.status) == ("lab-data", "CREATE_COMPLETE")


def test_a_stack_that_is_being_deleted_is_gone_when_it_comes_to_rest(
    lab: Lab, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    deleting(lab, faults)
    once_watched(monkeypatch, lambda: faults({}))
    state = operations.watch_to_rest(lab.run(data(lab)), data(lab))
    assert (state.status, state.stack_id) == ("ABSENT", "")


def planned(lab: Lab, **more: Any) -> tuple[Deployment, Planned, OpenChangeSets]:
    deployment = lab.deployment(lab.stack("data", {"Note": lab.note()}, **more))
    (entry,) = lab.plan(deployment).entries.values()
    assert isinstance(entry, Planned)
    change_sets = OpenChangeSets(deployment.run)
    change_sets.add(entry)
    return deployment, entry, change_sets


def test_what_succeeds_is_remembered_with_its_time(lab: Lab) -> None:
    deployment, entry, change_sets = planned(lab)
    watched = operations.execute(deployment.run, entry, change_sets)
    assert watched.state.status == "CREATE_COMPLETE"
    assert list(deployment.run.state.durations._new) == ["data CREATE"]
    statuses = [event.event.status for event in told(deployment.run) if isinstance(event, Progress)]
    assert statuses[-1] == "CREATE_COMPLETE"


def test_what_fails_says_nothing_about_the_next_time(lab: Lab, faults: Faults) -> None:
    faults({"create:Note": "no"})
    deployment, entry, change_sets = planned(lab)
    watched = operations.execute(deployment.run, entry, change_sets)
    assert watched.state.status == "ROLLBACK_COMPLETE"
    assert deployment.run.state.durations._new == {}


def test_at_the_deadline_it_goes_on_in_aws(lab: Lab, faults: Faults) -> None:
    faults({"hold": ["Note"]})
    deployment, entry, change_sets = planned(lab, deadline_minutes=0)
    with pytest.raises(StillRunningError):
        operations.execute(deployment.run, entry, change_sets)
    faults({})
    assert at_rest(lab) == "CREATE_COMPLETE"


def test_a_change_set_that_aws_does_not_execute_stays_open(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any) -> None:
        raise TapgenError("AccessDenied")

    deployment, entry, change_sets = planned(lab)
    monkeypatch.setattr(CloudFormation, "execute", refused)
    with pytest.raises(TapgenError, match="AccessDenied"):
        operations.execute(deployment.run, entry, change_sets)
    change_sets.discard_all()
    assert lab.status("data") == "ABSENT"


def test_once_interrupted_nothing_is_begun(lab: Lab) -> None:
    deployment, entry, change_sets = planned(lab)
    run = deployment.run
    run.state.stopping = True
    state = run.target.describe("data")
    begins: list[Callable[[], object]] = [
        lambda: operations.execute(run, entry, change_sets),
        lambda: operations.delete(run, entry.stack, state),
        lambda: operations.continue_rollback(run, entry.stack, state),
        lambda: operations.roll_back(run, entry.stack, state),
    ]
    for begin in begins:
        with pytest.raises(StoppedError):
            begin()
    assert lab.status("data") == "REVIEW_IN_PROGRESS"


@pytest.mark.parametrize("predicament", [rolled_back_update, deleting])
def test_what_cannot_be_stopped_is_left_alone(
    lab: Lab, faults: Faults, predicament: Callable[[Lab, Faults], None]
) -> None:
    predicament(lab, faults)
    target = lab.target(data(lab))
    before = lab.status("data")
    assert not operations.stop(Run.on(target), data(lab), target.describe("data"))
    assert lab.status("data") == before


def test_an_update_is_stopped_and_watched_on_its_way_back(
    lab: Lab, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    updating(lab, faults)
    once_watched(monkeypatch, lambda: faults({}))
    watched = operations.cancel(lab.run(data(lab)), data(lab))
    assert watched.state.status == "UPDATE_ROLLBACK_COMPLETE"
