"""Ctrl-C in the middle: nothing new starts, nothing is left behind, and what goes on is told."""

from __future__ import annotations

from queue import SimpleQueue
from threading import Event as Flag
from threading import Thread, current_thread
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.cloudformation.watch import StoppedError
from tapgen.deploy.flow import walk
from tapgen.deploy.flow.events import Event, Note, PlanReady, Progress, Started, Within
from tapgen.deploy.flow.host import SILENT
from tapgen.deploy.run.step import Step
from tapgen.deploy.stack import operations
from tapgen.deploy.stack.interrupt import Interrupt
from tapgen.deploy.stack.interruption import InterruptedRunError, still_running_note
from tapgen.deploy.target.run import Run
from tapgen.model.deployed.events import Created, Unchanged
from tests.lab import Reacting
from tests.predicaments import mending
from tests.waiting import PATIENCE_SECONDS, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.model.stack import Stack
    from tests.lab import Lab


def stacks(lab: Lab) -> tuple[Stack, Stack]:
    return (
        lab.stack("network", {"Slow": lab.note()}),
        lab.stack("data", {"Note": lab.note()}),
    )


def interrupting(when: Callable[[Event], bool]) -> Reacting:
    """A host at which Ctrl-C is pressed at the first event for which `when` holds."""

    def pressed(event: Event) -> None:
        if when(event.event if isinstance(event, Within) else event):
            raise KeyboardInterrupt

    return Reacting(then=pressed)


def moving(event: Event) -> bool:
    return isinstance(event, Progress)


def beginning(event: Event) -> bool:
    return isinstance(event, Started)


def at_rest(lab: Lab, layer: str) -> str:
    wait_until(lambda: not lab.status(layer).endswith("IN_PROGRESS"))
    return lab.status(layer)


def test_what_aws_goes_on_with_is_told_and_the_next_run_goes_on(lab: Lab, faults: Any) -> None:
    network, data = stacks(lab)
    faults({"hold": ["Slow"]})
    fleet = lab.fleet(network, data, max_concurrency=1)
    fleet.plan(SILENT)
    with pytest.raises(InterruptedRunError) as raised:
        fleet.carry_out(interrupting(moving), Interrupt())
    assert raised.value.exit_code == 130
    assert raised.value.message == "interrupted; AWS continues with network (stack lab-network)"
    assert raised.value.hint == (
        "`tapgen status --env lab --local` shows its progress; "
        "`tapgen deploy --env lab --max-concurrency 1 --local` again continues from there, after "
        "watching it to its end."
    )
    assert fleet.outcomes == {}
    assert fleet.deployments["lab"].outcomes == {}
    assert lab.status("data") == "ABSENT"

    again = lab.deployment(network, data)
    host = mending(faults)
    plan = again.plan(host)
    note = Note("network", "CREATE_IN_PROGRESS from an earlier run: watching it to its end")
    assert note in host.events
    assert host.events[-1] == PlanReady(plan)
    outcomes = again.carry_out(plan, SILENT)
    assert isinstance(outcomes["network"], Unchanged)
    assert isinstance(outcomes["data"], Created)


def test_an_interruption_before_anything_began_says_so(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet = lab.fleet(*stacks(lab))
    fleet.plan(SILENT)

    def at_once(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("tapgen.deploy.run.fleet.walk", at_once)
    with pytest.raises(InterruptedRunError) as raised:
        fleet.carry_out(SILENT, Interrupt())
    assert raised.value.message == "interrupted; nothing is left in progress in AWS"
    assert raised.value.hint == "`tapgen deploy --env lab --local` again continues from there."
    assert (lab.status("network"), lab.status("data")) == ("ABSENT", "ABSENT")


def test_an_interrupted_destruction_says_what_goes_on(lab: Lab, faults: Any) -> None:
    network, data = stacks(lab)
    lab.deploy(network, data)
    faults({"hold": ["Slow"]})
    destruction = lab.destruction(network, host=interrupting(moving))
    with pytest.raises(InterruptedRunError, match="AWS continues with network") as raised:
        destruction.carry_out(Interrupt())
    assert "`tapgen destroy --env lab --local` again" in raised.value.hint
    faults({})
    assert at_rest(lab, "network") == "ABSENT"
    assert lab.status("data") == "CREATE_COMPLETE"


def test_planning_that_is_interrupted_discards_what_it_made(lab: Lab, faults: Any) -> None:
    network, data = stacks(lab)
    lab.deploy(network)
    faults({"hold": ["Slow"]})
    lab.client("cloudformation").delete_stack(StackName="lab-network")

    def made_and_waiting(event: Event) -> bool:
        if not isinstance(event, Note):
            return False
        return wait_until(lambda: lab.status("data") == "REVIEW_IN_PROGRESS")

    with pytest.raises(KeyboardInterrupt):
        lab.fleet(network, data).plan(interrupting(made_and_waiting))
    assert lab.status("data") == "ABSENT"
    faults({})
    assert at_rest(lab, "network") == "ABSENT"


class Paused:
    """A worker at the last moment before it executes its change set, until it may go on."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.may_go_on = Flag()
        self._there: SimpleQueue[Thread] = SimpleQueue()
        patch.setattr(Step, "_lift_policy", lambda *_: self._pause())

    def _pause(self) -> bool:
        self._there.put(current_thread())
        assert self.may_go_on.wait(PATIENCE_SECONDS)
        return False

    def end(self) -> None:
        thread = self._there.get(timeout=PATIENCE_SECONDS)
        self.may_go_on.set()
        thread.join(PATIENCE_SECONDS)


def test_what_is_executed_while_the_run_is_broken_off_is_told(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, _ = stacks(lab)
    fleet = lab.fleet(network)
    fleet.plan(SILENT)
    paused, stop = Paused(monkeypatch), Run.stop_watching

    def stopping(run: Run) -> None:
        stop(run)
        run.state.stopping = False  # the moment before it would have been seen
        paused.may_go_on.set()

    monkeypatch.setattr(Run, "stop_watching", stopping)
    with pytest.raises(InterruptedRunError, match="AWS continues with network"):
        fleet.carry_out(interrupting(beginning), Interrupt())
    assert at_rest(lab, "network") == "CREATE_COMPLETE"


def test_what_was_discarded_is_not_executed_any_more(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, _ = stacks(lab)
    fleet = lab.fleet(network)
    fleet.plan(SILENT)
    paused = Paused(monkeypatch)
    monkeypatch.setattr(walk, "GRACE_SECONDS", 0.0)
    with pytest.raises(InterruptedRunError, match="nothing is left in progress"):
        fleet.carry_out(interrupting(beginning), Interrupt())
    paused.end()
    assert lab.status("network") == "ABSENT"


def test_once_interrupted_no_operation_is_begun(lab: Lab) -> None:
    network, _ = stacks(lab)
    lab.deploy(network)
    run = lab.run(network)
    state = run.target.describe("network")
    run.state.stopping = True
    with pytest.raises(StoppedError):
        operations.delete(run, network, state)
    assert lab.status("network") == "CREATE_COMPLETE"


def test_the_error_of_a_layer_says_that_aws_goes_on_with_it(lab: Lab) -> None:
    network, data = stacks(lab)
    lab.deploy(network, data)
    run = lab.run(network, data)
    state = run.target.describe("network")
    run.watcher(network)
    run.stop_watching()
    with pytest.raises(StoppedError):
        run.watcher(network).watch(state.stack_id, None, lambda _: None)
    assert still_running_note(run, "network") == (
        ". AWS continues with stack lab-network; the next run watches it to its end"
    )
    assert still_running_note(run, "data") == ""
