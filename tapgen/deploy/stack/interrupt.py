"""Ctrl-C in three steps: start nothing new, cancel what is in progress, end at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final

from tapgen.deploy.flow.events import Interrupted, Note, Within
from tapgen.deploy.stack import operations
from tapgen.deploy.target.run import Run
from tapgen.errors import TapgenError
from tapgen.model.stack import Stack

# The press after which only ending at once is left.
_LAST: Final = 2


class Interrupt:
    """Ctrl-C for the runs in progress, one per environment.

    `press` is safe in a signal handler: it takes no lock. Outside `around` no run can be stopped in
    steps, and it raises `KeyboardInterrupt`. A waiting thread reports each press through `inbox`,
    among the events of the runs, and cancels what is in progress.
    """

    def __init__(self) -> None:
        self.presses = 0
        self.inbox: SimpleQueue[Any] = SimpleQueue()
        self._runs: tuple[Run, ...] = ()
        self._pressed: SimpleQueue[int] = SimpleQueue()

    @contextmanager
    def around(self, runs: Sequence[Run]) -> Iterator[None]:
        """Within this context, Ctrl-C stops these runs in steps."""
        thread = Thread(target=self._work, name="tapgen-interrupt", daemon=True)
        thread.start()
        self._runs = tuple(runs)
        try:
            yield
        finally:
            self._runs = ()
            self._pressed.put(0)
            thread.join()

    def press(self) -> None:
        """Handle Ctrl-C. Raises `KeyboardInterrupt` the third time, and if nothing is running."""
        if not self._runs:
            raise KeyboardInterrupt
        self.presses += 1
        if self.presses > _LAST:
            raise KeyboardInterrupt
        for run in self._runs:
            run.state.stopping = True
            run.state.cancelling = self.presses == _LAST
        self._pressed.put(self.presses)

    def _work(self) -> None:
        while number := self._pressed.get():
            runs = self._runs
            running = [(run, stack) for run in runs for stack in run.running()]
            if number < _LAST:
                self.inbox.put(Interrupted(_offer(_names(running, many=len(runs) > 1))))
            else:
                for run, stack in running:
                    note = Note(stack.layer, _cancel(run, stack))
                    self.inbox.put(Within(run.target.environment, note))
                self.inbox.put(Interrupted(_last_offer(running)))


def _names(running: Sequence[tuple[Run, Stack]], *, many: bool) -> str:
    return ", ".join(
        f"{run.target.environment} {stack.layer}" if many else f"{stack.layer} (stack {stack.name})"
        for run, stack in running
    )


def _cancel(run: Run, stack: Stack) -> str:
    try:
        state = run.target.describe(stack.layer)
        if operations.stop(run, stack, state):
            return "cancelling"
    except TapgenError as error:
        return f"not cancelled: {error.message}"
    return f"{state.status} cannot be cancelled: watching it to its end"


def _offer(names: str) -> str:
    if not names:
        return "interrupted: nothing new is started"
    return (
        f"interrupted: nothing new is started. Watching to its end: {names}. "
        "Ctrl-C again cancels it."
    )


def _last_offer(running: Sequence[object]) -> str:
    if not running:
        return "nothing is in progress that can be cancelled"
    return "Ctrl-C again ends this run at once; AWS then continues on its own."
