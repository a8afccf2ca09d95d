"""Several environments at once: their plans, their progress."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import click

from tapgen.cli.terminal import echo, safe
from tapgen.cli.views.runs.outcomes import (
    BAD,
    GOOD,
    NEUTRAL,
    WARN,
)
from tapgen.cli.views.runs.plans import plan_body
from tapgen.cli.views.runs.progress import PlainLines, Redrawn, is_idle
from tapgen.cli.views.text import clock, counted, listed, seconds
from tapgen.deploy.flow.events import (
    EnvironmentEnded,
    Event,
    Finished,
    Interrupted,
    PlanReady,
    Progress,
    Started,
    Within,
)
from tapgen.model.changes.nameless import unnamed
from tapgen.model.deployed.events import Failed, Outcome, Skipped, succeeded
from tapgen.model.plan import Plan

if TYPE_CHECKING:
    from rich.console import RenderableType

Outcomes = Mapping[str, Outcome]


def plans_text(plans: Mapping[str, Plan], verbosity: int) -> str:
    """The plans one after the other; equal ones are shown once.

    A plan without changes is one line. If only names and accounts differ, `{environment}` and
    `{account}` stand for them. If more than a few plans are different, changes in place are only
    counted.
    """
    alike = _alike(plans, verbosity, brief=False)
    brief = verbosity <= 0 and len(alike) > _DIFFERENT
    if brief:
        alike = _alike(plans, verbosity, brief=True)
    most = None if verbosity > 0 else _NAMED
    parts = []
    for nameless, of in alike.items():
        names = click.style(listed([name for name, _ in of], most), bold=True)
        same = len({body for _, body in of}) == 1
        parts.append(f"Plan for {names}{of[0][1] if same else nameless}")
    changing = sum(plan.has_changes for plan in plans.values())
    more = " (--verbose shows each change)" if brief else ""
    return "\n".join([*parts, f"{changing} of {len(plans)} environments would change{more}"])


def _alike(
    plans: Mapping[str, Plan], verbosity: int, *, brief: bool
) -> dict[str, list[tuple[str, str]]]:
    """The text of each plan without names -> the environments, each with its own text."""
    alike: dict[str, list[tuple[str, str]]] = {}
    for name, plan in plans.items():
        body = _body(plan, verbosity, brief=brief)
        account = next((entry.stack.account_id for entry in plan.entries.values()), "")
        alike.setdefault(unnamed(body, name, account), []).append((name, body))
    return alike


def _body(plan: Plan, verbosity: int, *, brief: bool) -> str:
    """The text that follows the names of the environments."""
    if plan.has_changes:
        return f"\n{plan_body(plan, verbosity, brief=brief)}"
    return f": {counted(len(plan.entries), 'stack')}, all unchanged"


class FleetTable(Redrawn):
    """One line per environment: stacks done, elapsed time, the resources in progress.

    Environments that are done or waiting share a line each. The first line shows how many have
    ended, and the duration of the run.
    """

    def __init__(self, layers: Mapping[str, Sequence[str]]) -> None:
        self._rows = {name: _Row(len(of)) for name, of in layers.items()}
        self._header = ""
        self._started = time.monotonic()

    def show(self, event: Event) -> None:
        match event:
            case Interrupted():
                self._header = event.text
            case Within():
                self._rows[event.environment].take(event.event)
            case EnvironmentEnded():
                self._rows[event.environment].end(event)

    def table(self) -> RenderableType:
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        grid = Table.grid(padding=(0, 2))
        for name, row in self._rows.items():
            if row.word in {_WAITING, _DONE}:
                continue
            grid.add_row(
                Text(name),
                Text(row.word, style=row.colour),
                Text(f"{row.done}/{row.total}"),
                Text(row.elapsed(), style="dim"),
                Text(safe(row.detail), overflow="ellipsis", no_wrap=True, style="dim"),
            )
        folded = [Text(line, style="dim") for line in self._folded()]
        # Lines that do not fit on the screen are cut at the bottom.
        header = [Text(self._tally(), style="dim")]
        header += [Text(safe(self._header), style="yellow")] if self._header else []
        return Group(*header, *([grid] if grid.rows else []), *folded)

    def _tally(self) -> str:
        words = [row.word for row in self._rows.values()]
        ended = [word for word in words if word in _ENDED]
        failed = len(ended) - ended.count(_DONE)
        text = f"{len(ended)} of {len(words)} environments done"
        took = clock(time.monotonic() - self._started)
        return f"{text} ({failed} with problems), {took}" if failed else f"{text}, {took}"

    def _folded(self) -> Iterator[str]:
        for word in (_WAITING, _DONE):
            names = [name for name, row in self._rows.items() if row.word == word]
            if names:
                yield f"{word}: {listed(names, _NAMED)}"


_WAITING = "waiting"
_DONE = "done"
_ENDED = {_DONE, "skipped", "failed"}
_NAMED = 6
_DIFFERENT = 4  # up to this many different plans are shown in full
_ANY: Final = 3

# Without a live table, up to this many environments are logged line by line; more are counted.
MANY: Final = 6
_PAUSE_SECONDS: Final = 30.0


class FleetLines(PlainLines):
    """Lines of a run over many environments: the first failures, and the progress.

    A line is written whenever another tenth has ended, and after half a minute without one, so that
    a log shows that the run continues.
    """

    def __init__(self, layers: Mapping[str, Sequence[str]]) -> None:
        super().__init__(0, many=True)
        self._left = set(layers)
        self._count = len(layers)  # without those that have nothing to do
        self._untold = 0  # the number that have ended since the last line
        self._not_well = 0
        self._started = self._last = time.monotonic()

    def show(self, event: Event) -> None:
        match event:
            case Interrupted():
                super().show(event)
            case Within(event=Finished(outcome=Failed())):
                self._not_well += 1
                if self._not_well <= _NAMED:
                    super().show(event)
            case EnvironmentEnded():
                self._left.discard(event.environment)
                if is_idle(event):
                    self._count -= 1
                else:
                    self._untold += 1
        now = time.monotonic()
        if (
            self._untold and self._untold * 10 >= self._count
        ) or now - self._last >= _PAUSE_SECONDS:
            self._tell(now)

    def _tell(self, now: float) -> None:
        self._untold, self._last = 0, now
        failed = f", {counted(self._not_well, 'stack')} failed" if self._not_well else ""
        at = listed(sorted(self._left), _ANY)
        ahead = f"; not done: {at}" if at else ""
        done = self._count - len(self._left)
        text = f"{done} of {self._count} environments done{failed}, {clock(now - self._started)}"
        echo(f"{time.strftime('%H:%M:%S')}  {text}{ahead}", err=True)


class _Row:
    """The table's row for one environment."""

    def __init__(self, total: int) -> None:
        self.word = _WAITING
        self.colour = NEUTRAL
        self.total = total
        self.done = 0
        self._at: dict[str, str] = {}  # layer -> the resource that it is at
        self._started = time.monotonic()
        self._seconds: float | None = None

    @property
    def detail(self) -> str:
        return "; ".join(f"{layer} {at}".rstrip() for layer, at in self._at.items())

    def elapsed(self) -> str:
        now = time.monotonic() - self._started if self._seconds is None else self._seconds
        return seconds(now)

    def take(self, event: Event) -> None:
        if self.word == _WAITING:
            self.word, self.colour, self._started = "planning", "dim", time.monotonic()
        match event:
            case PlanReady():
                self.word, self._at = _DONE, {}
            case Started():
                self.word, self.colour = "deploying", WARN
                self._at[event.layer] = ""
            case Progress():
                self._at[event.layer] = event.event.logical_id
            case Finished():
                self.done += 1
                self._at.pop(event.layer, None)

    def end(self, event: EnvironmentEnded) -> None:
        self._seconds = event.seconds
        self._at = {}
        outcomes = event.outcomes.values()
        if all(map(succeeded, outcomes)):
            self.word, self.colour = _DONE, GOOD
        elif all(isinstance(outcome, Skipped) for outcome in outcomes):
            self.word, self.colour = "skipped", WARN
        else:
            self.word, self.colour = "failed", BAD
