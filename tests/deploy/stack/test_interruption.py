"""Ctrl-C in the middle: nothing new starts, nothing is left behind, and what goes on is told."""

from __future__ import annotations

from queue import SimpleQueue
from threading import Event, Thread, current_thread
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.cloudformation.watch import StoppedError
from tapgen.deploy.flow import walk
from tapgen.deploy.flow.events import Note, PlanReady, Progress, Started
from tapgen.deploy.flow.host import SILENT
from tapgen.deploy.run.step import Step
from tapgen.deploy.stack import operations
from tapgen.deploy.stack.interruption import InterruptedRunError
from tapgen.model.deployed.events import Created, Unchanged
from tests.predicaments import noticed
from tests.waiting import PATIENCE_SECONDS, wait_until

if TYPE_CHECKING:
    from collections.abc import Generator

    from tapgen.model.stack import Stack
    from tests.lab import Lab


def stacks(lab: Lab) -> tuple[Stack, Stack]:
    return (
        lab.stack("network", {"Slow": lab.note()}),
        lab.stack("data", {"Note": lab.note()}),
    )


def interrupt(messages: Any, when: Any) -> None:
    """Press Ctrl-C at the first message for which `when` holds."""
    generator: Generator[Any, None, None] = messages
    for message in generator:
        if when(message):
            generator.throw(KeyboardInterrupt())


def at_rest(lab: Lab, layer: str) -> str:
    wait_until(lambda: not lab.status(layer).endswith("IN_PROGRESS"))
    return lab.status(layer)


def test_what_aws_goes_on_with_is_told_and_the_next_run_goes_on(lab: Lab, faults: Any) -> None:
    network, data = stacks(lab)
    faults({"hold": ["Slow"]})
    deployment = lab.deployment(network, data, max_concurrency=1)
    plan = lab.plan(deployment)
    with pytest.raises(InterruptedRunError) as raised:
        interrupt(deployment.carry_out(plan), lambda m: isinstance(m, Progress))
    assert raised.value.exit_code == 130
    assert raised.value.message == "interrupted; AWS goes on with network (stack lab-network)"
    assert raised.value.hint == (
        "`tapgen status --env lab --local` shows how far it is; `tapgen deploy --env lab --local` "
        "again goes on from there, after watching it to its end."
    )
    assert deployment.outcomes == {}
    assert lab.status("data") == "ABSENT"

    again = lab.deployment(network, data)
    said = noticed(again.plan(), faults)
    note = Note("network", "CREATE_IN_PROGRESS from an earlier run: watching it to its end")
    assert note in said
    assert isinstance(said[-1], PlanReady)
    list(again.carry_out(said[-1].plan))
    assert isinstance(again.outcomes["network"], Unchanged)
    assert isinstance(again.outcomes["data"], Created)


def test_an_interruption_before_anything_began_says_so(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment = lab.deployment(*stacks(lab))
    plan = lab.plan(deployment)

    def at_once(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("tapgen.deploy.run.deployment.walk", at_once)
    with pytest.raises(InterruptedRunError) as raised:
        deployment.carry_out(plan, SILENT)
    assert raised.value.message == "interrupted; nothing is left in progress in AWS"
    assert raised.value.hint == "`tapgen deploy --env lab --local` again goes on from there."
    assert (lab.status("network"), lab.status("data")) == ("ABSENT", "ABSENT")


def test_an_interrupted_destruction_says_what_goes_on(lab: Lab, faults: Any) -> None:
    network, data = stacks(lab)
    lab.deploy(network, data)
    faults({"hold": ["Slow"]})
    destruction = lab.destruction(network)
    with pytest.raises(InterruptedRunError, match="AWS goes on with network") as raised:
        interrupt(destruction.run(), lambda m: isinstance(m, Progress))
    assert "`tapgen destroy --env lab --local` again" in raised.value.hint
    faults({})
    assert at_rest(lab, "network") == "ABSENT"
    assert lab.status("data") == "CREATE_COMPLETE"


def test_planning_that_is_interrupted_discards_what_it_made(lab: Lab, faults: Any) -> None:
    network, data = stacks(lab)
    lab.deploy(network)
    faults({"hold": ["Slow"]})
    lab.client("cloudformation").delete_stack(StackName="lab-network")
    deployment = lab.deployment(network, data)

    def made_and_waiting(message: Any) -> bool:
        if not isinstance(message, Note):
            return False
        return wait_until(lambda: lab.status("data") == "REVIEW_IN_PROGRESS")

    with pytest.raises(KeyboardInterrupt):
        interrupt(deployment.plan(), made_and_waiting)
    assert lab.status("data") == "ABSENT"
    faults({})
    assert at_rest(lab, "network") == "ABSENT"


class Paused:
    """A worker at the last moment before it executes its change set, until it may go on."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.retry_hint = Event()
        self._there: SimpleQueue[Thread] = SimpleQueue()
        patch.setattr(Step, "_lift_policy", lambda *_: self._pause())

    def _pause(self) -> bool:
        self._there.put(current_thread())
        assert self.retry_hint.wait(PATIENCE_SECONDS)
        return False

    def end(self) -> None:
        thread = self._there.get(timeout=PATIENCE_SECONDS)
        self.retry_hint.set()
        thread.join(PATIENCE_SECONDS)


def test_what_is_executed_while_the_run_is_broken_off_is_told(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, _ = stacks(lab)
    deployment = lab.deployment(network)
    plan = lab.plan(deployment)
    paused, stop = Paused(monkeypatch), deployment.run.target.stop_watching

    def stopping() -> None:
        stop()
        paused.retry_hint.set()

    monkeypatch.setattr(deployment.run.target, "stop_watching", stopping)
    with pytest.raises(InterruptedRunError, match="AWS goes on with network"):
        interrupt(deployment.carry_out(plan), lambda m: isinstance(m, Started))
    assert at_rest(lab, "network") == "CREATE_COMPLETE"


def test_what_was_discarded_is_not_executed_any_more(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, _ = stacks(lab)
    deployment = lab.deployment(network)
    plan = lab.plan(deployment)
    paused = Paused(monkeypatch)
    monkeypatch.setattr(walk, "GRACE_SECONDS", 0.0)
    with pytest.raises(InterruptedRunError, match="nothing is left in progress"):
        interrupt(deployment.carry_out(plan), lambda m: isinstance(m, Started))
    paused.end()
    assert lab.status("network") == "ABSENT"


def test_once_interrupted_no_operation_is_begun(lab: Lab) -> None:
    network, _ = stacks(lab)
    lab.deploy(network)
    target = lab.target(network)
    state = target.describe("network")
    target.closing = True
    with pytest.raises(StoppedError):
        operations.delete(target, network, state, lambda _: None)
    assert lab.status("network") == "CREATE_COMPLETE"


def test_nothing_is_watched_any_more(lab: Lab) -> None:
    network, _ = stacks(lab)
    lab.deploy(network)
    target = lab.target(network)
    state = target.describe("network")
    target.watcher(network)
    target.stop_watching()
    with pytest.raises(StoppedError):
        target.watcher(network).watch(state.stack_id, None, lambda _: None)
    assert target.abandoned() == (network,)
