"""How a run ended: the outcome and duration of each stack, and failures at the very end.

Models: the run summary of Terragrunt (https://terragrunt.gruntwork.io/docs/features/run-report/),
which groups units by result and gives their durations.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

import click

from tapgen.cli.terminal import echo
from tapgen.cli.views.runs.outcomes import BAD, outcome_word
from tapgen.cli.views.runs.timing import Times
from tapgen.cli.views.text import counted, listed, seconds, table, wrapped
from tapgen.model.deployed.events import Failed, Outcome, Skipped, Unchanged

Outcomes = Mapping[str, Outcome]

# Up to this many layers are named, more are counted; up to this many failures are shown in full.
_NAMED: Final = 3
_TOLD: Final = 6
_WIDTH: Final = 72
AS_DECLARED: Final = "nothing to do, {stacks} as declared"
# Worst first.
_ORDER: Final = ("failed", "refused", "skipped", "deployed", "unchanged")


@dataclass(frozen=True)
class End:
    """How a run over one or several environments ended.

    `commands` repeat it for one environment, `command` for all. `nothing` is printed if there was
    nothing to do. By environment, `releases` are the numbers in the ledgers, `ways_back` the last
    successful release and the command that returns to it.
    """

    outcomes: Mapping[str, Outcomes]
    times: Times
    commands: Mapping[str, str]
    command: str
    interrupted: bool = False
    nothing: str = AS_DECLARED
    releases: Mapping[str, int] = field(default_factory=dict)
    ways_back: Mapping[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def many(self) -> bool:
        """Whether there are several environments."""
        return len(self.outcomes) > 1

    @property
    def idle(self) -> bool:
        """Whether there was nothing to do."""
        return all(isinstance(one, Unchanged) for one in self._each())

    @property
    def failed(self) -> bool:
        """Whether something failed or was interrupted."""
        return self.interrupted or any(isinstance(one, Failed) for one in self._each())

    def _each(self) -> Iterable[Outcome]:
        return chain.from_iterable(each.values() for each in self.outcomes.values())


def show_summary(end: End, verbosity: int) -> None:
    """Print the outcome and duration of each stack, and a line of counts, on stderr.

    Environments that ended in the same way share a line. A quiet run prints nothing here.
    """
    if verbosity < 0:
        return
    if not end.idle:
        echo(_environments(end, verbosity) if end.many else _stacks(end, verbosity), err=True)
    echo(f"{_counts(end)}{_releases(end, verbosity)}", err=True)


def show_failures(end: End, verbosity: int) -> None:
    """Print what failed, why, and what to do next: at the very end, in a frame, on stderr.

    Failures that differ only in names and numbers are printed once.
    """
    if not end.failed:
        return
    kinds = list(_kinds(end))
    told = kinds if verbosity > 0 else kinds[:_TOLD]
    parts = [_told(kind, end, verbosity) for kind in told]
    if rest := kinds[len(told) :]:
        names = listed([kind.names(end.many) for kind in rest], _TOLD)
        parts.append(f"and {counted(len(rest), 'more failure')}: {names} (--verbose shows them)")
    if end.interrupted:
        heading = f"interrupted after {seconds(end.times.so_far())}"
        parts.append(_block(heading, [("next:", f"`{end.command}` continues from there.")]))
    parts += [_way_back(end)] if end.ways_back else []
    rule = click.style(_rule(), fg=BAD)
    echo(f"\n{rule}\n" + "\n\n".join(parts) + f"\n{rule}", err=True)


# --- outcomes ---------------------------------------------------------------------------------


def _stacks(end: End, verbosity: int) -> str:
    """A line for each stack that changed; the names of the others."""
    ((name, outcomes),) = end.outcomes.items()
    skipped = {layer: one for layer, one in outcomes.items() if isinstance(one, Skipped)}
    same = [layer for layer, one in outcomes.items() if isinstance(one, Unchanged)]
    rows = [
        [layer, _word(one), seconds(took) if (took := end.times.of_stack(name, layer)) else ""]
        for layer, one in outcomes.items()
        if layer not in skipped and layer not in same
    ]
    lines = [table(["stack", "outcome", "time"], rows)] if rows else []
    if skipped:
        why = (f"{layer} ({one.because})" for layer, one in skipped.items())
        lines.append(f"skipped: {', '.join(why if verbosity > 0 else skipped)}")
    if same:
        lines.append(f"unchanged: {', '.join(same)}")
    return "\n".join(lines)


def _environments(end: End, verbosity: int) -> str:
    """A line for each group of environments that ended in the same way, worst first."""
    groups: dict[tuple[str, str], list[str]] = {}
    for name, outcomes in end.outcomes.items():
        alone = name if verbosity > 0 else ""
        groups.setdefault((_in_words(outcomes), alone), []).append(name)
    ordered = sorted(groups.items(), key=lambda one: _rank(end.outcomes[one[1][0]]))
    rows = []
    for (words, _), names in ordered:
        times = [end.times.of_environment(name) for name in names]
        longest = _seconds(max(times))
        most = "up to " if longest and _seconds(min(times)) != longest else ""
        which = listed(names, _NAMED)
        colour = _COLOURS[_result(end.outcomes[names[0]])]
        rows.append([which, click.style(words, fg=colour), f"{most}{longest}"])
    return table(["environment", "stacks", "time"], rows)


_COLOURS: Final = {"failed": BAD, "refused": BAD, "skipped": "yellow", "deployed": "green"}
_COLOURS["unchanged"] = "bright_black"


def _in_words(outcomes: Outcomes) -> str:
    """How the stacks of an environment ended, worst first: compute failed, 3 skipped, 7 updated."""
    reasons = {one.because if isinstance(one, Skipped) else "" for one in outcomes.values()}
    if len(reasons) == 1 and reasons != {""}:  # the whole environment was skipped
        return f"skipped: {reasons.pop()}"
    groups: dict[str, list[str]] = {}
    for layer, one in sorted(outcomes.items(), key=lambda each: _severity(each[1])):
        groups.setdefault(outcome_word(one)[0], []).append(layer)
    return ", ".join(_layers_in_words(word, layers) for word, layers in groups.items())


def _layers_in_words(word: str, layers: Sequence[str]) -> str:
    named = len(layers) <= _NAMED and word != outcome_word(Unchanged())[0]
    return f"{', '.join(layers) if named else len(layers)} {word}"


def _counts(end: End) -> str:
    """One line: what was done, how long it took."""
    if not end.many:
        ((name, outcomes),) = end.outcomes.items()
        words = [outcome_word(one)[0] for one in sorted(outcomes.values(), key=_severity)]
        if end.idle:
            one = len(outcomes) == 1
            stacks = "its stack is" if one else f"all {len(outcomes)} stacks are"
            return f"{name}: {end.nothing.format(stacks=stacks)}"
        return f"{name}: {_counted(words)} in {seconds(end.times.so_far())}"
    environments = counted(len(end.outcomes), "environment")
    if end.idle:
        return f"{environments}: nothing to do, all stacks are as declared"
    words = sorted(map(_result, end.outcomes.values()), key=_ORDER.index)
    return f"{environments} in {seconds(end.times.so_far())}: {_counted(words)}"


def _releases(end: End, verbosity: int) -> str:
    """The numbers under which `tapgen history` shows the run."""
    if not end.many:
        return "".join(f", release {number}" for number in end.releases.values())
    numbers = [f"{name} {number}" for name, number in end.releases.items()]
    told = listed(numbers, None if verbosity > 0 else _NAMED)
    return f", releases {told}" if numbers else ""


def _counted(words: Sequence[str]) -> str:
    return ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words))


def _result(outcomes: Outcomes) -> str:
    """The environment in a word, one of `_ORDER`."""
    return _ORDER[_rank(outcomes)]


def _rank(outcomes: Outcomes) -> int:
    return min(map(_severity, outcomes.values()), default=len(_ORDER) - 1)


def _severity(outcome: Outcome) -> int:
    word = outcome_word(outcome)[0]
    return _ORDER.index(word if word in _ORDER else "deployed")


def _word(outcome: Outcome) -> str:
    word, colour = outcome_word(outcome)
    return click.style(word, fg=colour)


def _seconds(duration: float) -> str:
    return seconds(duration) if round(duration, 1) else ""


# --- failures ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Kind:
    """A failure, and the environments in which it is the same except for names and numbers."""

    layer: str
    failure: Failed
    environments: list[str] = field(default_factory=list)

    def names(self, many: bool) -> str:
        if not many:
            return self.layer
        if len(self.environments) == 1:
            return f"{self.environments[0]} {self.layer}"
        return f"{self.layer} in {counted(len(self.environments), 'environment')}"


def _kinds(end: End) -> Iterator[_Kind]:
    found: dict[tuple[str, str, str], _Kind] = {}
    for name, outcomes in end.outcomes.items():
        for layer, one in outcomes.items():
            if isinstance(one, Failed):
                key = (layer, one.status, _without_names(one.reason, name))
                found.setdefault(key, _Kind(layer, one)).environments.append(name)
    # The most frequent failures first, refusals of guards last.
    yield from sorted(
        found.values(), key=lambda kind: (kind.failure.refused, -len(kind.environments))
    )


def _without_names(text: str, environment: str) -> str:
    """The text without names, IDs and numbers, which differ between environments."""
    own = re.sub(rf"\b{re.escape(environment)}\b", "{}", text)
    return re.sub(r"[\w:/.-]*\d[\w:/.-]*", "#", own)


def _told(kind: _Kind, end: End, verbosity: int) -> str:
    failure, first = kind.failure, kind.environments[0]
    hint = failure.hint or f"Fix the cause, then run `{end.commands[first]}`."
    heading = f"{kind.names(end.many)} {outcome_word(failure)[0]}"
    if took := end.times.of_stack(first, kind.layer):
        heading += f" after {seconds(took)}"
    lines = [("cause:", failure.reason)]
    if failure.status:
        lines.append(("stack:", failure.status))
    if others := kind.environments[1:]:
        named = ", ".join(others) if verbosity > 0 else listed(others, _TOLD)
        lines = [("in:", f"{first}; the same in {named}"), *lines]
        hint += " Do the same for the others."
    return _block(heading, [*lines, ("next:", hint)])


def _way_back(end: End) -> str:
    """How to roll back the part that succeeded as well."""
    lines = [
        ("back:", f"`{command}` returns {name} to release {release}, the last successful one.")
        for name, (release, command) in [*end.ways_back.items()][:_TOLD]
    ]
    return _block("Part of the release is deployed", lines)


def _block(heading: str, lines: Iterable[tuple[str, str]]) -> str:
    indent = " " * 9
    body = (wrapped(f"  {name:6} {text}", indent, sys.stderr) for name, text in lines)
    return "\n".join([click.style(heading, fg=BAD, bold=True), *body])


def _rule() -> str:
    line = "\N{BOX DRAWINGS LIGHT HORIZONTAL}"
    try:
        line.encode(sys.stderr.encoding or "ascii")
    except UnicodeEncodeError:
        line = "-"
    return line * _WIDTH
