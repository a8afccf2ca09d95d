"""Work on several stacks with collected outcomes, and the outcome of a watched operation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from tapgen.aws.cloudformation.watch import Watched
from tapgen.deploy.flow.events import Finished
from tapgen.deploy.flow.host import Host
from tapgen.deploy.flow.walk import walk
from tapgen.deploy.stack.failures import explain, not_done
from tapgen.deploy.stack.interruption import interrupted
from tapgen.deploy.target.run import Run
from tapgen.errors import TapgenError
from tapgen.model.deployed.events import Created, Deleted, Outcome, RolledBack, Updated
from tapgen.model.deployed.stack_status import ROLLED_BACK
from tapgen.model.graph import Graph
from tapgen.model.stack import Stack

MAX_CONCURRENCY: Final = 8


def run_each(
    run: Run,
    graph: Graph,
    work: Callable[[Run, Stack], Outcome],
    verb: str,
    options: Iterable[str] = (),
) -> dict[str, Outcome]:
    """Do the work for every layer, even if it fails for others.

    Returns the outcome of each, in the order of the environment's stacks. Raises
    `InterruptedRunError` on Ctrl-C; `verb` is the command that continues from there, with
    `options` that limit it to these layers.
    """

    def guarded(layer: str, host: Host) -> Outcome:
        try:
            return work(run.heard_by(host), run.target.stacks[layer])
        except TapgenError as error:
            return not_done(run, layer, error, run.target.command(verb, *options))

    def stop() -> None:
        run.state.stopping = True  # for threads that wait for something other than a stack
        run.stop_watching()

    def ended(layer: str, outcome: Outcome, seconds: float) -> None:
        run.state.trace(layer).seconds = seconds
        run.tell(Finished(layer, outcome, seconds))

    try:
        results = walk(
            graph,
            guarded,
            run.host,
            ended=ended,
            max_concurrency=MAX_CONCURRENCY,
            stop=stop,
        )
    except KeyboardInterrupt:
        raise interrupted([run], verb, options) from None
    return {layer: results[layer] for layer in run.target.stacks if layer in results}


def ending(run: Run, stack: Stack, watched: Watched, *, back: bool = False) -> Outcome:
    """The outcome of a watched operation. With `back`, a rollback is the intended result."""
    state = watched.state
    if back and state.status in ROLLED_BACK:
        return RolledBack()
    outputs = state.outputs or {}
    made: dict[str, Outcome] = {
        "CREATE_COMPLETE": Created(outputs),
        "IMPORT_COMPLETE": Created(outputs),
        "UPDATE_COMPLETE": Updated(outputs),
        "DELETE_COMPLETE": Deleted(),
    }
    return made.get(state.status) or explain(run, stack, watched)
