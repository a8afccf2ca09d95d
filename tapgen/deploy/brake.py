"""Ctrl-C in three steps: begin nothing new, cancel what is at work, end at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any, Final, Self

from tapgen.deploy import operations
from tapgen.deploy.messages import Interrupted, Note
from tapgen.deploy.target import Target
from tapgen.errors import TapgenError
from tapgen.stacks.stack import Stack

# The press after which there is nothing left but to end at once.
_LAST: Final = 2


@dataclass
class Brake:
    """Used as a context around a run. What it says comes out of `inbox`, among the run's messages.

    `press` is made for a signal handler: it takes no lock. The work is done by a thread that waits.
    """

    target: Target
    inbox: SimpleQueue[Any] = field(default_factory=SimpleQueue)
    presses: int = 0
    _pressed: SimpleQueue[int] = field(default_factory=SimpleQueue)
    _thread: Thread = field(init=False)

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._work, name="tapgen-brake", daemon=True)
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
        self.target.closing = True
        self.target.cancelled = self.presses == _LAST
        self._pressed.put(self.presses)

    def _work(self) -> None:
        while number := self._pressed.get():
            running = self.target.running()
            if number < _LAST:
                self.inbox.put(Interrupted(_offer(running)))
            else:
                for stack in running:
                    self.inbox.put(Note(stack.layer, self._cancel(stack)))
                self.inbox.put(Interrupted(_last_offer(running)))

    def _cancel(self, stack: Stack) -> str:
        try:
            state = self.target.describe(stack.layer)
            if operations.stop(self.target.cloudformation(stack), state):
                return "cancelling"
        except TapgenError as error:
            return f"not cancelled: {error.message}"
        return f"{state.status} cannot be cancelled: watching it to its end"


def _offer(running: tuple[Stack, ...]) -> str:
    if not running:
        return "interrupted: nothing new is begun"
    return (
        f"interrupted: nothing new is begun. Watching to its end: {_names(running)}. "
        "Ctrl-C again cancels it."
    )


def _last_offer(running: tuple[Stack, ...]) -> str:
    if not running:
        return "nothing is in progress that could be cancelled"
    return "Ctrl-C again ends this run at once; AWS then goes on alone."


def _names(stacks: tuple[Stack, ...]) -> str:
    return ", ".join(f"{stack.layer} (stack {stack.name})" for stack in stacks)
