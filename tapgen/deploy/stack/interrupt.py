"""Ctrl-C in three steps: begin nothing new, cancel what is at work, end at once."""

from __future__ import annotations

from collections.abc import Sequence
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any, Final, Self

from tapgen.deploy.flow.events import Interrupted, Note, Within
from tapgen.deploy.stack import operations
from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError
from tapgen.model.stack import Stack

# The press after which there is nothing left but to end at once.
_LAST: Final = 2


class Interrupt:
    """Used as a context around a run on one or more environments.

    What it says comes out of `inbox`, among the run's messages. `press` is made for a signal
    handler: it takes no lock. The work is done by a thread that waits.
    """

    def __init__(self, *targets: Target) -> None:
        self.targets = targets
        self.inbox: SimpleQueue[Any] = SimpleQueue()
        self.presses = 0
        self._pressed: SimpleQueue[int] = SimpleQueue()
        self._thread = Thread(target=self._work, name="tapgen-brake", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._pressed.put(0)
        self._thread.join()

    def press(self) -> None:
        """Ctrl-C was pressed. Raises `KeyboardInterrupt` the third time."""
        self.presses += 1
        if self.presses > _LAST:
            raise KeyboardInterrupt
        for target in self.targets:
            target.closing = True
            target.cancelled = self.presses == _LAST
        self._pressed.put(self.presses)

    def _work(self) -> None:
        while number := self._pressed.get():
            running = [(target, stack) for target in self.targets for stack in target.running()]
            if number < _LAST:
                self.inbox.put(Interrupted(_offer(self._names(running))))
            else:
                for target, stack in running:
                    note = Note(stack.layer, _cancel(target, stack))
                    self.inbox.put(Within(target.environment, note) if self._many else note)
                self.inbox.put(Interrupted(_last_offer(running)))

    @property
    def _many(self) -> bool:
        return len(self.targets) > 1

    def _names(self, running: Sequence[tuple[Target, Stack]]) -> str:
        return ", ".join(
            f"{target.environment} {stack.layer}"
            if self._many
            else f"{stack.layer} (stack {stack.name})"
            for target, stack in running
        )


def _cancel(target: Target, stack: Stack) -> str:
    try:
        state = target.describe(stack.layer)
        if operations.stop(target.cloudformation(stack), state):
            return "cancelling"
    except TapgenError as error:
        return f"not cancelled: {error.message}"
    return f"{state.status} cannot be cancelled: watching it to its end"


def _offer(names: str) -> str:
    if not names:
        return "interrupted: nothing new is begun"
    return (
        f"interrupted: nothing new is begun. Watching to its end: {names}. Ctrl-C again cancels it."
    )


def _last_offer(running: Sequence[object]) -> str:
    if not running:
        return "nothing is in progress that could be cancelled"
    return "Ctrl-C again ends this run at once; AWS then goes on alone."
