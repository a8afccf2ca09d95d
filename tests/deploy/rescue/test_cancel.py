"""Cancelling; tests/deploy/test_matrix.py does it in every status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tapgen.deploy.flow.events import Note, Progress, Started
from tapgen.deploy.rescue.cancel import Cancellation
from tapgen.deploy.stack.interruption import InterruptedRunError
from tapgen.model.deployed.events import Deleted, RolledBack
from tests.lab import Reacting, told
from tests.predicaments import REAL, at_rest, creating, data, deleting
from tests.waiting import once_watched

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.deploy.flow.events import Event
    from tapgen.deploy.flow.host import Host
    from tests.lab import Lab

    Faults = Callable[[dict[str, Any]], None]


def cancellation(lab: Lab, host: Host | None = None) -> Cancellation:
    run = lab.run(data(lab), host=host)
    return Cancellation(run, run.target.graph)


def test_where_nothing_moves_nothing_is_done(lab: Lab) -> None:
    lab.deploy(data(lab))
    work = cancellation(lab)
    assert work.look() == {}
    assert work.carry_out() == {}
    assert told(work.run) == []


STOPPED = {
    "CREATE_IN_PROGRESS": ("delete", Deleted(), "ABSENT"),
    "UPDATE_IN_PROGRESS": ("rollback", RolledBack(), "UPDATE_ROLLBACK_COMPLETE"),
}


@pytest.mark.parametrize("status", STOPPED)
def test_what_moves_is_stopped_and_watched_to_its_end(
    lab: Lab, faults: Faults, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    action, outcome, after = STOPPED[status]
    REAL[status](lab, faults)
    work = cancellation(lab)
    assert list(work.look()) == ["data"]
    once_watched(monkeypatch, lambda: faults({}))
    assert work.carry_out() == {"data": outcome}
    assert told(work.run)[0] == Started("data", action)
    assert lab.status("data") == after


def test_what_cannot_be_stopped_is_watched_all_the_same(
    lab: Lab, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    deleting(lab, faults)
    work = cancellation(lab)
    work.look()
    once_watched(monkeypatch, lambda: faults({}))
    assert work.carry_out() == {"data": Deleted()}
    note = "DELETE_IN_PROGRESS cannot be cancelled: watching it to its end"
    assert told(work.run)[0] == Note("data", note)


def interrupting(event: Event) -> None:
    if isinstance(event, Started | Progress):
        raise KeyboardInterrupt


def test_a_cancellation_that_is_broken_off_says_how_to_look_on(lab: Lab, faults: Faults) -> None:
    creating(lab, faults)
    work = cancellation(lab, Reacting(then=interrupting))
    work.look()
    with pytest.raises(InterruptedRunError) as raised:
        work.carry_out()
    assert "`tapgen watch --env lab --local`" in raised.value.hint
    faults({})
    at_rest(lab)
