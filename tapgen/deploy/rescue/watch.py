"""Watching all operations in progress in an environment, whoever started them, to their end."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.aws.polling import intervals
from tapgen.deploy.flow.events import Event, Finished, Started
from tapgen.deploy.flow.host import Silent
from tapgen.deploy.observe.inspection import states
from tapgen.deploy.stack import operations
from tapgen.deploy.stack.run_each import ending
from tapgen.deploy.target.lock import working
from tapgen.deploy.target.run import Run
from tapgen.errors import TapgenError
from tapgen.model.deployed.events import Failed, Outcome
from tapgen.model.deployed.stack_status import in_progress
from tapgen.model.graph import Graph

_VERBS: Final = {"CREATE": "create", "UPDATE": "update", "DELETE": "delete", "IMPORT": "adopt"}


def doing(status: str) -> str:
    """The operation of a status in progress, as `Started` names it."""
    if "ROLLBACK" in status:
        return "rollback"
    return _VERBS.get(status.partition("_")[0], "update")


@dataclass
class Watching:
    """Watches an environment, or some of its layers; read-only."""

    run: Run
    layers: Graph
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    _queue: SimpleQueue[Event] = field(default_factory=SimpleQueue)
    _active: set[str] = field(default_factory=set)

    def carry_out(self) -> dict[str, Outcome]:
        """Report events until no operation is in progress and no run holds the lock.

        Returns the outcomes of the stacks that were in progress, by layer.
        """
        pauses = intervals()
        try:
            while True:
                moving = self._moving()
                for layer, state in moving.items():
                    self._join(layer, state)
                if moving:
                    pauses = intervals()
                elif not self._active and working(self.run.target) is None:
                    return {n: self.outcomes[n] for n in self.layers if n in self.outcomes}
                self._tell_until(time.monotonic() + next(pauses))
        finally:
            self.run.stop_watching()

    def _moving(self) -> dict[str, StackState]:
        found = states(self.run.target, [name for name in self.layers if name not in self._active])
        return {layer: state for layer, state in found.items() if in_progress(state.status)}

    def _join(self, layer: str, state: StackState) -> None:
        self._active.add(layer)
        self._queue.put(Started(layer, doing(state.status)))
        Thread(target=self._watch, args=(layer, state), daemon=True).start()

    def _watch(self, layer: str, state: StackState) -> None:
        started = time.monotonic()
        run = self.run.heard_by(_Queued(self._queue))
        stack = run.target.stacks[layer]
        outcome: Outcome
        try:
            outcome = ending(run, stack, operations.attach(run, stack, state))
        except TapgenError as error:
            outcome = Failed(error.message, hint=error.hint)
        self._queue.put(Finished(layer, outcome, time.monotonic() - started))

    def _tell_until(self, deadline: float) -> None:
        """Report events until the deadline, or until a stack has ended."""
        while True:
            try:
                event = self._queue.get(timeout=max(0.0, deadline - time.monotonic()))
            except Empty:
                return
            self.run.tell(event)
            if isinstance(event, Finished):
                self._active.discard(event.layer)
                self.outcomes[event.layer] = event.outcome
                return


@dataclass(frozen=True)
class _Queued(Silent):
    """The host of a watching thread: its events are reported by the main thread."""

    queue: SimpleQueue[Event]

    def tell(self, event: Event) -> None:
        self.queue.put(event)
