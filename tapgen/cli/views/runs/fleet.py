"""Several environments at once: their plans, their progress, a table of how they ended."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from tapgen.cli.terminal import echo, safe
from tapgen.cli.views.runs.outcomes import (
    BAD,
    GOOD,
    NEUTRAL,
    WARN,
    outcome_record,
    outcome_word,
    plan_record,
)
from tapgen.cli.views.runs.plans import plan_text, show_failure
from tapgen.cli.views.runs.progress import Redrawn
from tapgen.cli.views.text import counted, seconds, table
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
from tapgen.model.deployed.events import Outcome, Skipped, Unchanged, succeeded
from tapgen.model.plan import Plan

if TYPE_CHECKING:
    from rich.console import RenderableType

Outcomes = Mapping[str, Outcome]


def plans_text(plans: Mapping[str, Plan], verbosity: int) -> str:
    """The plans one after the other; of those that change nothing there is a line only."""
    parts = [
        plan_text(plan, verbosity)
        if plan.has_changes
        else f"Plan for {click.style(name, bold=True)}: "
        f"{counted(len(plan.entries), 'stack')}, all unchanged"
        for name, plan in plans.items()
    ]
    changing = sum(plan.has_changes for plan in plans.values())
    return "\n".join([*parts, f"{changing} of {len(plans)} environments would change"])


def show_plans_json(plans: Mapping[str, Plan]) -> None:
    """The plans for machines: environment -> layer -> what would be done."""
    record = {name: plan_record(plan) for name, plan in plans.items()}
    echo(json.dumps({"environments": record}, indent=2, sort_keys=True))


def show_end(outcomes: Mapping[str, Outcomes], again: Mapping[str, str], verbosity: int) -> None:
    """After a run: a table of environments and layers, then each failure, on stderr.

    `again` is the command to repeat for each environment. Layers that stayed as they are
    everywhere have no column. A quiet run tells what went wrong only.
    """
    if verbosity >= 0:
        echo(_results(outcomes), err=True)
    for name, each in outcomes.items():
        reasons = {o.because if isinstance(o, Skipped) else "" for o in each.values()}
        if len(reasons) == 1 and reasons != {""}:  # as one, before anything of it was begun
            show_failure(name, Skipped(*reasons), again[name])
            continue
        for layer, outcome in each.items():
            show_failure(f"{name} {layer}", outcome, again[name])


def show_outcomes_json(outcomes: Mapping[str, Outcomes]) -> None:
    """The end for machines: one line, after the events."""
    record = {
        name: {layer: outcome_record(outcome) for layer, outcome in each.items()}
        for name, each in outcomes.items()
    }
    echo(json.dumps({"event": "Outcomes", "environments": record}, sort_keys=True))


def _results(outcomes: Mapping[str, Outcomes]) -> str:
    layers = dict.fromkeys(
        layer
        for each in outcomes.values()
        for layer, outcome in each.items()
        if not isinstance(outcome, Unchanged)
    )
    rows = [
        [name, *(_cell(each.get(layer)) for layer in layers)] for name, each in outcomes.items()
    ]
    if layers:
        return table(["environment", *layers], rows)
    return f"{counted(len(outcomes), 'environment')}: nothing to do"


def _cell(outcome: Outcome | None) -> str:
    if outcome is None:
        return ""
    word, colour = outcome_word(outcome)
    return click.style(word, fg=colour)


class FleetTable(Redrawn):
    """One line per environment: stacks done, elapsed time, the resources it is at.

    What has ended well, and what has not begun, is folded to a line: thirty lines are many.
    """

    def __init__(self, layers: Mapping[str, Sequence[str]]) -> None:
        self._rows = {name: _Row(len(of)) for name, of in layers.items()}
        self._header = ""

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
        # What does not fit on the screen is left out at the bottom.
        header = [Text(safe(self._header), style="yellow")] if self._header else []
        return Group(*header, *([grid] if grid.rows else []), *folded)

    def _folded(self) -> Iterator[str]:
        for word in (_WAITING, _DONE):
            names = [name for name, row in self._rows.items() if row.word == word]
            if names:
                yield f"{word}: {', '.join(names)}"


_WAITING = "waiting"
_DONE = "done"


class _Row:
    """What the table shows of one environment."""

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
