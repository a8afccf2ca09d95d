"""Cancelling operations in progress: an update is rolled back, a creation is deleted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.deploy.flow.events import Started
from tapgen.deploy.guards.ownership import refuse_other_owner
from tapgen.deploy.observe.inspection import states
from tapgen.deploy.stack import operations
from tapgen.deploy.stack.run_each import ending, run_each
from tapgen.deploy.target.run import Run
from tapgen.model.deployed.events import Outcome
from tapgen.model.deployed.stack_status import in_progress
from tapgen.model.graph import Graph
from tapgen.model.stack import Stack

# Status -> how it is cancelled. CloudFormation cannot cancel in any other status.
CANCELLABLE: Final = {
    "UPDATE_IN_PROGRESS": "roll the update back",
    "CREATE_IN_PROGRESS": "delete what was created so far",
}


@dataclass
class Cancellation:
    """One run over an environment, or over some of its layers."""

    run: Run
    layers: Graph
    moving: dict[str, StackState] = field(default_factory=dict)

    def look(self) -> dict[str, StackState]:
        """Fill and return `moving`: the states of the stacks with an operation in progress.

        Raises `RefusedError` if one of them belongs to somebody else.
        """
        target = self.run.target
        found = states(target, self.layers)
        self.moving = {name: state for name, state in found.items() if in_progress(state.status)}
        for layer, state in self.moving.items():
            refuse_other_owner(target, target.stacks[layer], state)
        return self.moving

    def carry_out(self) -> dict[str, Outcome]:
        """Cancel what can be cancelled, watch `moving` to its end, and return the outcomes."""
        graph = dict.fromkeys(self.moving, frozenset[str]())
        return run_each(self.run, graph, self._cancel, "watch", self.run.target.only(self.layers))

    def _cancel(self, run: Run, stack: Stack) -> Outcome:
        status = self.moving[stack.layer].status
        if status in CANCELLABLE:
            run.tell(Started(stack.layer, "delete" if status.startswith("CREATE") else "rollback"))
        else:
            run.note(stack, f"{status} cannot be cancelled: watching it to its end")
        return ending(run, stack, operations.cancel(run, stack), back=True)
