"""The command line as the host of an operation: it shows events and asks people."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import NoReturn, Self

import click

from tapgen.cli.confirm import confirm
from tapgen.cli.interruption import interrupted
from tapgen.cli.terminal import echo, remark
from tapgen.cli.views import drift
from tapgen.cli.views.runs import rescues
from tapgen.cli.views.runs.changes import change_lines
from tapgen.cli.views.runs.ends import plans_text
from tapgen.cli.views.runs.progress import JsonLines, View
from tapgen.cli.views.runs.showing import progress
from tapgen.cli.views.runs.timing import Times
from tapgen.cli.views.text import columns, folded
from tapgen.deploy.flow.events import (
    Begins,
    DriftFound,
    Event,
    Note,
    NotNotified,
    NotRecorded,
    PlansReady,
    Proven,
    RollsBack,
    TakenOver,
)
from tapgen.deploy.flow.host import Question
from tapgen.deploy.stack.interrupt import Interrupt
from tapgen.model.plan import Planned


class TerminalHost:
    """The host of one command, used as a context; nothing is redrawn outside it.

    `output` is the requested format; with `json`, each event is a line on stdout. With `yes`,
    questions are answered with yes, and nothing is asked in the middle of a run. With `many`
    environments, messages name the environment. On a terminal, Ctrl-C stops a run in steps
    (`interrupt`); elsewhere it ends it immediately. `times` has the durations.
    """

    def __init__(
        self, verbosity: int, output: str = "text", *, yes: bool = False, many: bool = False
    ) -> None:
        self.interrupt = Interrupt()
        self.times = Times()
        self._verbosity = verbosity
        self._output = output
        self._yes = yes
        self._broken_off = False
        self._many = many
        self._view: View | None = None
        self._views = ExitStack()
        self._whole = ExitStack()

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._whole.enter_context(on_interrupt(self._pressed))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._close()
        self._whole.close()

    @property
    def may_ask(self) -> bool:
        """Whether a person can be asked about changes that the plan did not show."""
        return not self._yes and self._output != "json" and sys.stdin.isatty()

    def tell(self, event: Event) -> None:
        """Show the event.

        Raises `KeyboardInterrupt` if the reader is gone (`| head`): unfinished work is not a
        success. The same after an interrupt whose exception was lost, except for events about
        notices, which come after it.
        """
        if not isinstance(event, NotNotified):
            self._refuse_interrupted()
        self.times.note(event)
        try:
            self._show(event)
        except BrokenPipeError:
            raise KeyboardInterrupt from None

    def ask(self, question: Question) -> bool:
        """Show what the question is about, and ask. Raises like `tell`."""
        self._refuse_interrupted()
        if isinstance(question.about, Planned):
            return self._ask_now(question, question.about)
        self._close()
        if self._output == "text" and question.about is not None:
            echo(rescues.about_text(question.about), err=True)
        return confirm(question.text, yes=self._yes, type_name=question.type_name or None)

    def _show(self, event: Event) -> None:
        match event:
            case Begins():
                self._close()
                view = progress(self._output, self._verbosity, event.layers)
                self._view = self._views.enter_context(view)
            case PlansReady():
                self._close()
                # Even a quiet run shows what it asks about. If nothing would change, only the end
                # is shown.
                changes = any(plan.has_changes for plan in event.plans.values())
                told = self._verbosity > 0 or (changes and (self._verbosity == 0 or not self._yes))
                if self._output == "text" and told:
                    echo(plans_text(event.plans, self._verbosity, sys.stderr), err=True)
            case TakenOver() | Proven() | RollsBack():
                self._remark(event)
            case NotRecorded() | NotNotified():
                self._close()
                self._remark(event)
            case DriftFound():
                self._close()
                if self._output == "text":
                    drift.show(event, self._verbosity)
            case _ if self._view:
                self._view.show(event)
            case Note():  # before anything has begun
                self._remark(event)
            case _:
                pass

    def _remark(
        self, event: Note | NotNotified | NotRecorded | Proven | RollsBack | TakenOver
    ) -> None:
        """Print an event that is not about the progress of stacks."""
        match event:
            case RollsBack() if self._output == "json":
                JsonLines([event.environment]).show(event)
            case RollsBack() if self._verbosity >= 0 or not self._yes:
                from tapgen.cli.views.runs import rollbacks

                echo(rollbacks.text(event, columns(sys.stderr)), err=True)
            case TakenOver() | NotRecorded() | NotNotified():
                name = f"{event.environment}: " if self._many else ""
                echo(f"note: {name}{event.text}", err=True)
            case Proven() if self._verbosity >= 0 and not self._many:
                proof = "runs the same templates and code, healthy and without drift."
                echo(f"{event.source} {proof}", err=True)
            case Note():
                remark(f"note: {event.layer}: {event.text}")

    def _ask_now(self, question: Question, entry: Planned) -> bool:
        """Ask in the middle of a run about what was pending; Ctrl-C then ends the run."""
        stack = entry.stack
        with ExitStack() as paused:
            if self._view:
                paused.enter_context(self._view.paused())
            paused.enter_context(on_interrupt(self._break_off))
            what = f"{stack.environment} {stack.layer}" if self._many else stack.layer
            echo(f"\n{what} was pending. Its inputs are now known:", err=True)
            lines = "\n".join(change_lines(entry, self._verbosity))
            echo(folded(lines, columns(sys.stderr)), err=True)
            try:
                return confirm(question.text, yes=False, type_name=question.type_name or None)
            except click.Abort:  # Ctrl-C ends the run, as at any other moment
                raise KeyboardInterrupt from None

    def _pressed(self, *_: object) -> None:
        """Handle Ctrl-C on a terminal: stop in steps while something runs, otherwise end."""
        try:
            self.interrupt.press()
        except KeyboardInterrupt:
            self._break_off()

    def _break_off(self, *_: object) -> NoReturn:
        self._broken_off = True
        raise KeyboardInterrupt

    def _refuse_interrupted(self) -> None:
        if self._broken_off or interrupted():
            raise KeyboardInterrupt

    def _close(self) -> None:
        self._view = None
        self._views.close()


@contextmanager
def on_interrupt(handler: signal._HANDLER) -> Iterator[None]:
    """Replace the handler of Ctrl-C within the context."""
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
