"""Looking on: what is in progress in an environment, whoever began it, until nothing is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.aws.polling import intervals
from tapgen.deploy.flow.events import Finished, Message, Started
from tapgen.deploy.observe.inspection import states
from tapgen.deploy.stack import operations
from tapgen.deploy.stack.run_each import ending
from tapgen.deploy.target.lock import working
from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError
from tapgen.model.deployed.events import Failed, Outcome
from tapgen.model.deployed.stack_status import in_progress
from tapgen.model.graph import Graph

_VERBS: Final = {"CREATE": "create", "UPDATE": "update", "DELETE": "delete", "IMPORT": "adopt"}


def doing(status: str) -> str:
    """The operation that a status in progress belongs to, in the words of `Started`."""
    if "ROLLBACK" in status:
        return "rollback"
    return _VERBS.get(status.partition("_")[0], "update")


@dataclass
class Watching:
    """Follows an environment, or some of its layers; reads only."""

    target: Target
    layers: Graph
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    _queue: SimpleQueue[Message] = field(default_factory=SimpleQueue)
    _active: set[str] = field(default_factory=set)

    def run(self) -> Iterator[Message]:
        """What happens, until nothing is in progress and no run is at work on the environment."""
        pauses = intervals()
        try:
            while True:
                moving = self._moving()
                for layer, state in moving.items():
                    self._join(layer, state)
                if moving:
                    pauses = intervals()
                elif not self._active and working(self.target) is None:
                    return
                yield from self._until(time.monotonic() + next(pauses))
        finally:
            self.target.stop_watching()

    def _moving(self) -> dict[str, StackState]:
        found = states(self.target, [name for name in self.layers if name not in self._active])
        return {layer: state for layer, state in found.items() if in_progress(state.status)}

    def _join(self, layer: str, state: StackState) -> None:
        self._active.add(layer)
        self._queue.put(Started(layer, doing(state.status)))
        Thread(target=self._watch, args=(layer, state), daemon=True).start()

    def _watch(self, layer: str, state: StackState) -> None:
        started = time.monotonic()
        stack = self.target.stacks[layer]
        outcome: Outcome
        try:
            watched = operations.attach(self.target, stack, state, self._queue.put)
            outcome = ending(self.target, stack, watched)
        except TapgenError as error:
            outcome = Failed(error.message, hint=error.hint)
        self._queue.put(Finished(layer, outcome, time.monotonic() - started))

    def _until(self, deadline: float) -> Iterator[Message]:
        """What is said until then, or until a stack has ended: then it is time to look again."""
        while True:
            try:
                message = self._queue.get(timeout=max(0.0, deadline - time.monotonic()))
            except Empty:
                return
            yield message
            if isinstance(message, Finished):
                self._active.discard(message.layer)
                self.outcomes[message.layer] = message.outcome
                return
