"""The progress of long work: one line per stack on a terminal, timestamped lines elsewhere."""

from __future__ import annotations

import json
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Final, Protocol

import click

from tapgen.cli.terminal import echo, safe
from tapgen.cli.views.runs.outcomes import as_record, counted_outcomes, outcome_detail, outcome_word
from tapgen.cli.views.text import seconds
from tapgen.deploy.flow.events import (
    AnyMessage,
    EnvironmentEnded,
    Finished,
    Interrupted,
    Note,
    Planning,
    Progress,
    Started,
    Within,
)
from tapgen.model.deployed.events import Failed, Unchanged

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live


_DOING: Final = {"rollback": "rolling back"}


class View(Protocol):
    """Shows messages one after the other; while it is paused, others may use the terminal."""

    def show(self, message: AnyMessage) -> None: ...

    def paused(self) -> AbstractContextManager[None]: ...


def follow(messages: Iterable[AnyMessage], view: View) -> AnyMessage | None:
    """Show every message; gives the last one. When showing is broken off, so are the messages.

    Raises `KeyboardInterrupt` where nobody reads any more (`| head`): work that is not done is no
    success.
    """
    last = None
    try:
        for last in messages:
            try:
                view.show(last)
            except BrokenPipeError:
                raise KeyboardInterrupt from None
    finally:
        if isinstance(messages, Generator):
            messages.close()
    return last


@contextmanager
def progress(output: str, verbosity: int, layers: Iterable[str]) -> Iterator[View]:
    """The view that fits: JSON lines, a live table on a terminal, plain lines elsewhere."""
    with fitting(output, verbosity, lambda: LiveTable(layers)) as view:
        yield view


@contextmanager
def fitting(output: str, verbosity: int, on_terminal: Callable[[], Redrawn]) -> Iterator[View]:
    """Like `progress`, with another view for terminals."""
    if output == "json":
        yield JsonLines()
    elif sys.stderr.isatty() and verbosity == 0:
        from rich.console import Console
        from rich.live import Live

        view = on_terminal()
        console = Console(stderr=True)
        with Live(get_renderable=view.table, console=console, refresh_per_second=8) as view.live:
            yield view
    else:
        yield PlainLines(verbosity)


class _Lines:
    """Lines that nothing has to be redrawn for."""

    @contextmanager
    def paused(self) -> Iterator[None]:
        yield


class JsonLines(_Lines):
    """One JSON object a line on stdout, for machines."""

    def show(self, message: AnyMessage) -> None:
        echo(json.dumps(as_record(message), sort_keys=True, default=str))


class PlainLines(_Lines):
    """One timestamped line for each thing that happens, on stderr."""

    def __init__(self, verbosity: int) -> None:
        self._verbosity = verbosity

    def show(self, message: AnyMessage) -> None:
        text = self._words(message)
        if text and (self._verbosity >= 0 or _is_urgent(message)):
            echo(f"{time.strftime('%H:%M:%S')}  {text}", err=True)

    def _words(self, message: AnyMessage) -> str:
        match message:
            case Within(message=Finished(outcome=Unchanged())) if self._verbosity <= 0:
                return ""  # of many environments, most may have nothing to do
            case Within():
                words = self._words(message.message)
                return words and f"{message.environment:12}  {words}"
            case EnvironmentEnded():
                text = f"{message.environment:12}  {counted_outcomes(message.outcomes)}"
                return f"{text} in {seconds(message.seconds)}"
            case Started():
                return f"{message.layer:14} {message.action} started"
            case Note():
                return f"{message.layer:14} {message.text}"
            case Finished():
                word, colour = outcome_word(message.outcome)
                text = f"{message.layer:14} {click.style(word, fg=colour)}"
                text += f" in {seconds(message.seconds)}" if message.seconds else ""
                detail = outcome_detail(message.outcome)
                return f"{text}: {detail}" if detail else text
            case Progress() if self._verbosity > 0 or message.event.is_failure:
                event = message.event
                reason = f": {event.reason}" if event.reason else ""
                return f"{message.layer:14} {event.status} {event.logical_id}{reason}"
            case Interrupted():
                return message.text
            case Planning() if self._verbosity > 0:
                return f"{message.layer:14} comparing with AWS"
        return ""


def _is_urgent(message: AnyMessage) -> bool:
    """Whether even a quiet run says it."""
    if isinstance(message, Within):
        return _is_urgent(message.message)
    if isinstance(message, Finished):
        return isinstance(message.outcome, Failed)
    return isinstance(message, Interrupted)


class Redrawn(ABC):
    """A view that is redrawn in place."""

    live: Live

    @contextmanager
    def paused(self) -> Iterator[None]:
        self.live.stop()
        yield
        self.live.start()

    @abstractmethod
    def show(self, message: AnyMessage) -> None:
        """Take note of it; what is shown is `table`."""

    @abstractmethod
    def table(self) -> RenderableType:
        """The lines as they are now."""


class LiveTable(Redrawn):
    """One line per stack with elapsed time and the resource it is at."""

    def __init__(self, layers: Iterable[str]) -> None:
        self._rows: dict[str, _Row] = {layer: _Row() for layer in layers}
        self._footer = ""

    def show(self, message: AnyMessage) -> None:
        if isinstance(message, Interrupted):
            self._footer = message.text
        row = self._rows.get(getattr(message, "layer", ""))
        if row is not None:
            row.take(message)

    def table(self) -> RenderableType:
        """The lines as they are now."""
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 2))
        for layer, row in self._rows.items():
            table.add_row(
                Text(layer),
                Text(row.word, style=row.colour.replace("bright_black", "dim")),
                Text(row.elapsed(), style="dim"),
                Text(safe(row.detail), overflow="ellipsis", no_wrap=True, style="dim"),
            )
        return Group(table, Text(safe(self._footer), style="yellow")) if self._footer else table


class _Row:
    """What the live table shows of one stack."""

    def __init__(self) -> None:
        self.word = "waiting"
        self.colour = "bright_black"
        self.detail = ""
        self._started: float | None = None
        self._seconds: float | None = None

    def elapsed(self) -> str:
        if self._seconds is not None:
            return seconds(self._seconds) if self._seconds else ""
        return "" if self._started is None else seconds(time.monotonic() - self._started)

    def take(self, message: AnyMessage) -> None:
        match message:
            case Started():
                self._started = self._started or time.monotonic()
                self.word = _DOING.get(message.action, f"{message.action.removesuffix('e')}ing")
                self.colour = "yellow"
            case Note():
                self.detail = message.text
            case Progress():
                self.detail = f"{message.event.logical_id} {message.event.status}"
            case Finished():
                self.word, self.colour = outcome_word(message.outcome)
                self.detail = outcome_detail(message.outcome)
                self._seconds = message.seconds
            case _:  # before anything is started
                self.word, self.colour = "comparing", "bright_black"
