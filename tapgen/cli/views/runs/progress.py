"""The progress of long work: one line per stack on a terminal, timestamped lines elsewhere."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Final, Protocol

import click

from tapgen.cli import machine
from tapgen.cli.terminal import echo, safe
from tapgen.cli.views.runs.outcomes import as_record, counted_outcomes, outcome_detail, outcome_word
from tapgen.cli.views.text import clock, seconds
from tapgen.deploy.flow.events import (
    EnvironmentEnded,
    Event,
    Finished,
    Hooked,
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
    """Shows events one after another; while it is paused, others may use the terminal."""

    def show(self, event: Event) -> None: ...

    def paused(self) -> AbstractContextManager[None]: ...


def of_one(event: Event) -> Event | None:
    """The event as shown for a single environment, without its name; None to show nothing."""
    if isinstance(event, EnvironmentEnded):
        return None
    return event.event if isinstance(event, Within) else event


class _Lines:
    """A view that does not redraw."""

    @contextmanager
    def paused(self) -> Iterator[None]:
        yield


class JsonLines(_Lines):
    """One JSON object a line on stdout, for machines; each names its environment."""

    def __init__(self, environments: Iterable[str]) -> None:
        self._environments = list(environments)

    def show(self, event: Event) -> None:
        record = as_record(event)
        if len(self._environments) == 1 and not isinstance(event, Interrupted):
            record.setdefault("environment", *self._environments)
        machine.show_event(record.pop("event"), record)


class PlainLines(_Lines):
    """One timestamped line for each thing that happens, on stderr."""

    def __init__(self, verbosity: int, *, many: bool = False) -> None:
        self._verbosity = verbosity
        self._many = many

    def show(self, event: Event) -> None:
        if self._verbosity <= 0 and is_idle(event):
            return  # that may be most of them
        shown = event if self._many else of_one(event)
        text = self._words(shown) if shown else ""
        if text and (self._verbosity >= 0 or _is_urgent(event)):
            echo(f"{time.strftime('%H:%M:%S')}  {text}", err=True)

    def _words(self, event: Event) -> str:
        match event:
            case Within():
                words = self._words(event.event)
                return words and f"{event.environment:12}  {words}"
            case EnvironmentEnded():
                text = f"{event.environment:12}  {counted_outcomes(event.outcomes)}"
                return f"{text} in {seconds(event.seconds)}"
            case Started():
                return f"{event.layer:14} {event.action} started"
            case Note():
                return f"{event.layer:14} {event.text}"
            case Hooked():
                return f"{event.layer:14} {hook_words(event)}"
            case Finished():
                word, colour = outcome_word(event.outcome)
                text = f"{event.layer:14} {click.style(word, fg=colour)}"
                text += f" in {seconds(event.seconds)}" if event.seconds else ""
                detail = outcome_detail(event.outcome)
                return f"{text}: {detail}" if detail else text
            case Progress() if self._verbosity > 0 or event.event.is_failure:
                found = event.event
                reason = f": {found.reason}" if found.reason else ""
                return f"{event.layer:14} {found.status} {found.logical_id}{reason}"
            case Interrupted():
                return event.text
            case Planning() if self._verbosity > 0:
                return f"{event.layer:14} comparing with AWS"
        return ""


def hook_words(event: Hooked) -> str:
    """The state of a hook in words."""
    took = f"at most {event.seconds:g} s" if event.state == "begins" else seconds(event.seconds)
    return f"hook {event.hook} {event.state} ({event.when} it, {took})"


def is_idle(event: Event) -> bool:
    """Whether the event is the end of something that had nothing to do."""
    match event:
        case Within():
            return is_idle(event.event)
        case Finished():
            return isinstance(event.outcome, Unchanged)
        case EnvironmentEnded():
            return all(isinstance(outcome, Unchanged) for outcome in event.outcomes.values())
    return False


def _is_urgent(event: Event) -> bool:
    """Whether even a quiet run shows it."""
    if isinstance(event, Within):
        return _is_urgent(event.event)
    if isinstance(event, Finished):
        return isinstance(event.outcome, Failed)
    return isinstance(event, Interrupted)


class Redrawn(ABC):
    """A view that is redrawn in place."""

    live: Live

    @contextmanager
    def paused(self) -> Iterator[None]:
        self.live.stop()
        yield
        self.live.start()

    @abstractmethod
    def show(self, event: Event) -> None:
        """Record the event; `table` is what is shown."""

    @abstractmethod
    def table(self) -> RenderableType:
        """The lines as they are now."""


class LiveTable(Redrawn):
    """One line per stack with its elapsed time and current resource, and how many are done."""

    def __init__(self, layers: Iterable[str]) -> None:
        self._rows: dict[str, _Row] = {layer: _Row() for layer in layers}
        self._started = time.monotonic()
        self._footer = ""

    def show(self, event: Event) -> None:
        shown = of_one(event)
        if isinstance(shown, Interrupted):
            self._footer = shown.text
        row = self._rows.get(getattr(shown, "layer", ""))
        if row is not None and shown is not None:
            row.take(shown)

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
        done = sum(row.done for row in self._rows.values())
        took = clock(time.monotonic() - self._started)
        tally = Text(f"{done} of {len(self._rows)} done, {took}", style="dim")
        footer = [Text(safe(self._footer), style="yellow")] if self._footer else []
        return Group(table, tally, *footer)


class _Row:
    """The live table's row for one stack."""

    def __init__(self) -> None:
        self.word = "waiting"
        self.colour = "bright_black"
        self.detail = ""
        self._started: float | None = None
        self._seconds: float | None = None

    @property
    def done(self) -> bool:
        return self._seconds is not None

    def elapsed(self) -> str:
        if self._seconds is not None:
            return seconds(self._seconds) if self._seconds else ""
        return "" if self._started is None else seconds(time.monotonic() - self._started)

    def take(self, event: Event) -> None:
        match event:
            case Started():
                self._started = self._started or time.monotonic()
                self.word = _DOING.get(event.action, f"{event.action.removesuffix('e')}ing")
                self.colour = "yellow"
            case Note():
                self.detail = event.text
            case Hooked():
                self.detail = hook_words(event)
            case Progress():
                self.detail = f"{event.event.logical_id} {event.event.status}"
            case Finished():
                self.word, self.colour = outcome_word(event.outcome)
                self.detail = outcome_detail(event.outcome)
                self._seconds = event.seconds
            case _:  # before anything is started
                self.word, self.colour = "comparing", "bright_black"
