"""The output of `tapgen verify`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import click

from tapgen.aws.readers.values import NotRead
from tapgen.cli import machine
from tapgen.cli.terminal import echo
from tapgen.cli.views.text import columns, folded, listed, table
from tapgen.cli.views.values import limit, several
from tapgen.deploy.observe.checks import Check, by_hand, unseen
from tapgen.model.changes.differences import ABSENT
from tapgen.model.parts.running import results

_ALIKE: Final = 4  # resources with the same difference that are named; --verbose names all


def show(
    environment: str, checks: Sequence[Check], output: str, verbosity: int, again: str
) -> None:
    """Print a line of counts for each layer, then the differences, then what is left to do."""
    if output == "json":
        machine.show(_record(environment, checks))
        return
    failed = [check for check in checks if check.ok is False]
    blind = [check for check in checks if unseen(check)]
    if verbosity >= 0:
        echo(table(["layer", "compared", "failed", "not comparable"], _counts(checks)))
        if failed or blind or verbosity > 0:
            echo()
    if verbosity > 0:
        unknown = [check for check in checks if check.ok is None and not unseen(check)]
        _show_each("not comparable", unknown, "yellow", verbosity)
    _show_each("could not be read", blind, "yellow", verbosity)
    _show_each("not as declared", failed, "red", verbosity)
    if verbosity >= 0 or failed or blind:
        echo(_summary(environment, checks, again), err=True)
    if verbosity >= 0:
        for check in checks:
            if way := by_hand(check):
                echo(f"{check.layer}.{_place(check)}: {way}.", err=True)


def _show_each(what: str, checks: Sequence[Check], colour: str, verbosity: int) -> None:
    """Print the declared and the actual value, or why it could not be read.

    Resources of a layer with the same difference are shown together.
    """
    width = columns(results())
    most = None if verbosity > 0 else _ALIKE
    for layer in dict.fromkeys(check.layer for check in checks):
        echo(click.style(f"{layer}: {what}", bold=True, fg=colour))
        alike: dict[str, list[Check]] = {}
        for check in checks:
            if check.layer == layer:
                key = repr((check.property, check.declared, check.actual))
                alike.setdefault(key, []).append(check)
        sides = [
            (_place(each[0], [one.logical_id for one in each], most),
             _side(each[0].declared), _side(each[0].actual))
            for each in alike.values()
        ]  # fmt: skip
        for each, words in zip(alike.values(), several(sides, limit(verbosity)), strict=True):
            line = f"{words.path}: {each[0].actual}" if unseen(each[0]) else str(words)
            echo(folded(f"  {line}", width))
        echo()


def _side(found: Any) -> Any:
    if isinstance(found, NotRead):
        return str(found)
    return ABSENT if found is None else found


def _place(check: Check, ids: Sequence[str] = (), most: int | None = None) -> str:
    """The resource, or several, and the property."""
    named = listed(list(ids) or [check.logical_id], most)
    return ": ".join(part for part in (named, check.property) if part)


def _counts(checks: Sequence[Check]) -> list[list[str]]:
    rows = []
    for layer in dict.fromkeys(check.layer for check in checks):
        oks = [check.ok for check in checks if check.layer == layer]
        compared = sum(ok is not None for ok in oks)
        failed = sum(ok is False for ok in oks)
        rows.append([layer, str(compared), str(failed), str(len(oks) - compared)])
    return rows


def _summary(environment: str, checks: Sequence[Check], again: str) -> str:
    compared = sum(check.ok is not None for check in checks)
    failed = sum(check.ok is False for check in checks)
    blind = sum(unseen(check) for check in checks)
    if not failed and not blind:
        return f"{environment} is as declared: {compared} comparisons."
    if not failed:
        return (
            f"{environment} may not be as declared: nothing differs in {compared} "
            f"comparisons, and {blind} could not be made. Fix what they report, then verify again."
        )
    return (
        f"{environment} is not as declared: {failed} of {compared} comparisons failed. "
        f"If the settings are right, run `{again}`. If CloudFormation finds no change in a "
        "resource, it has drifted and must be corrected by hand."
    )


def _record(environment: str, checks: Sequence[Check]) -> dict[str, Any]:
    return {
        "environment": environment,
        "ok": all(check.ok is not False and not unseen(check) for check in checks),
        "checks": [vars(check) for check in checks],
    }
