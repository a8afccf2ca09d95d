"""Looking on; tests/deploy/test_matrix.py does it in every status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.cloudformation.api import CloudFormation
from tapgen.deploy.flow.events import Finished, Progress, Started
from tapgen.deploy.rescue import watch
from tapgen.deploy.rescue.watch import Watching, doing
from tapgen.errors import TapgenError
from tapgen.model.deployed.events import Created, Failed
from tapgen.model.deployed.stack_status import in_progress
from tests.lab import Reacting, told
from tests.predicaments import DISGUISED, REAL, at_rest, creating, data
from tests.waiting import once_watched, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.deploy.flow.events import Event
    from tests.lab import Lab

    Faults = Callable[[dict[str, Any]], None]


def test_a_run_that_is_at_work_is_waited_for(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["`deploy` by ann@here", "`deploy` by ann@here", None])
    monkeypatch.setattr(watch, "working", lambda _: next(answers))
    run = lab.run(data(lab))
    assert Watching(run, run.target.graph).carry_out() == {}
    assert (told(run), list(answers)) == ([], [])


def test_it_begins_with_what_is_going_on_and_ends_with_what_became_of_it(
    lab: Lab, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    creating(lab, faults)
    once_watched(monkeypatch, lambda: faults({}))
    run = lab.run(data(lab))
    outcomes = Watching(run, run.target.graph).carry_out()
    events = told(run)
    assert outcomes == {"data": Created({})}
    assert events[0] == Started("data", "create")
    assert any(isinstance(event, Progress) for event in events)
    (finished,) = (event for event in events if isinstance(event, Finished))
    assert finished.outcome == outcomes["data"]
    assert finished.seconds >= 0


def test_whoever_stops_looking_on_leaves_no_watch_behind(lab: Lab, faults: Faults) -> None:
    creating(lab, faults)
    run = lab.run(data(lab)).heard_by(Reacting(then=interrupting))
    with pytest.raises(KeyboardInterrupt):
        Watching(run, run.target.graph).carry_out()
    wait_until(lambda: not run.running())
    faults({})
    assert at_rest(lab) == "CREATE_COMPLETE"


def interrupting(event: Event) -> None:
    if isinstance(event, Progress):
        raise KeyboardInterrupt


def test_a_watch_that_aws_refuses_is_told(
    lab: Lab, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any) -> None:
        faults({})
        at_rest(lab)
        raise TapgenError("reading the events: AccessDenied", "ask")

    creating(lab, faults)
    monkeypatch.setattr(CloudFormation, "operation", refused)
    run = lab.run(data(lab))
    outcomes = Watching(run, run.target.graph).carry_out()
    assert outcomes == {"data": Failed("reading the events: AccessDenied", hint="ask")}


@pytest.mark.parametrize(
    "status", [name for name in REAL | dict.fromkeys(DISGUISED) if in_progress(name)]
)
def test_what_is_done_has_a_name(status: str) -> None:
    expected = {
        "CREATE_IN_PROGRESS": "create",
        "DELETE_IN_PROGRESS": "delete",
        "IMPORT_IN_PROGRESS": "adopt",
    }
    assert doing(status) == expected.get(status, "rollback" if "ROLLBACK" in status else "update")
