"""Work on several stacks whose outcomes are collected, and how a watched operation ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping

from tapgen.aws.cloudformation.watch import Watched
from tapgen.deploy.flow.events import Finished, Message
from tapgen.deploy.flow.walk import Emit, Ended, walk
from tapgen.deploy.stack.failures import explain
from tapgen.deploy.stack.interruption import still_running_note
from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError
from tapgen.model.deployed.events import Created, Deleted, Failed, Outcome, RolledBack, Updated
from tapgen.model.graph import Graph
from tapgen.model.stack import Stack

MAX_CONCURRENCY = 8


def run_each(
    target: Target,
    graph: Graph,
    work: Callable[[Stack, Emit[Message]], Outcome],
    outcomes: MutableMapping[str, Outcome],
) -> Iterator[Message]:
    """Do the work for every layer, whatever becomes of the others; fills `outcomes`."""

    def guarded(layer: str, emit: Emit[Message]) -> Outcome:
        try:
            return work(target.stacks[layer], emit)
        except TapgenError as error:
            return Failed(error.message + still_running_note(target, layer), hint=error.hint)

    for item in walk(
        graph,
        guarded,
        skip=lambda *_: None,
        max_concurrency=MAX_CONCURRENCY,
        stop=target.stop_watching,
    ):
        if isinstance(item, Ended):
            outcomes[item.name] = item.result
            yield Finished(item.name, item.result, item.seconds)
        else:
            yield item


def ending(
    target: Target, stack: Stack, watched: Watched, *, back: bool = False, then: str = ""
) -> Outcome:
    """The outcome of an operation that was watched; with `back`, a rollback was what was wanted."""
    state = watched.state
    if back and state.status in {"ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}:
        return RolledBack()
    outputs = state.outputs or {}
    made: dict[str, Outcome] = {
        "CREATE_COMPLETE": Created(outputs),
        "IMPORT_COMPLETE": Created(outputs),
        "UPDATE_COMPLETE": Updated(outputs),
        "DELETE_COMPLETE": Deleted(),
    }
    return made.get(state.status) or explain(target, stack, watched, then)
