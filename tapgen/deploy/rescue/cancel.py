"""Stopping what is in progress: an update is rolled back, a create deleted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.deploy.flow.events import Message, Note, Started
from tapgen.deploy.flow.walk import Emit
from tapgen.deploy.observe.inspection import states
from tapgen.deploy.stack import operations
from tapgen.deploy.stack.interruption import interrupted
from tapgen.deploy.stack.run_each import ending, run_each
from tapgen.deploy.target.target import Target
from tapgen.model.deployed.events import Outcome
from tapgen.model.deployed.stack_status import in_progress
from tapgen.model.graph import Graph
from tapgen.model.stack import Stack

# Status -> how it is cancelled (CloudFormation has no call for any other).
CANCELLABLE: Final = {
    "UPDATE_IN_PROGRESS": "roll the update back",
    "CREATE_IN_PROGRESS": "delete what is made so far",
}


@dataclass
class Cancellation:
    """One run over an environment, or over some of its layers."""

    target: Target
    layers: Graph
    moving: dict[str, StackState] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def look(self) -> None:
        """Fill `moving` with what is in progress."""
        found = states(self.target, self.layers)
        self.moving = {name: state for name, state in found.items() if in_progress(state.status)}

    def run(self) -> Iterator[Message]:
        """Stop what can be stopped, watch all of `moving` to its end, fill `outcomes`."""
        graph = dict.fromkeys(self.moving, frozenset[str]())
        try:
            yield from run_each(self.target, graph, self._cancel, self.outcomes)
        except KeyboardInterrupt:
            raise interrupted(self.target, "watch") from None

    def _cancel(self, stack: Stack, emit: Emit[Message]) -> Outcome:
        status = self.moving[stack.layer].status
        if status in CANCELLABLE:
            emit(Started(stack.layer, "delete" if status.startswith("CREATE") else "rollback"))
        else:
            emit(Note(stack.layer, f"{status} cannot be cancelled: watching it to its end"))
        watched = operations.cancel(self.target, stack, emit)
        return ending(self.target, stack, watched, back=True)
