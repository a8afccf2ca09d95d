"""Plans as text, and what is left behind at the end of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import click

from tapgen.cli.terminal import remark
from tapgen.cli.views.runs.changes import change_lines, loss_lines, refused
from tapgen.cli.views.runs.outcomes import (
    BAD,
    entry_words,
)
from tapgen.cli.views.text import listed, table
from tapgen.cli.views.values import limit, several
from tapgen.model.changes.differences import ABSENT
from tapgen.model.deployed.events import (
    Created,
    Deleted,
    Outcome,
    Unchanged,
    Updated,
)
from tapgen.model.plan import NoChange, Plan, Planned, Refusal

# The number of resources created during a takeover that are named; --verbose names all.
MADE: Final = 6


def plan_text(plan: Plan, verbosity: int) -> str:
    """The plan as text: a line for each layer and its changes below it, worst first."""
    return f"Plan for {click.style(plan.environment, bold=True)}\n{plan_body(plan, verbosity)}"


def plan_body(plan: Plan, verbosity: int, *, brief: bool = False) -> str:
    """The same without the line that names the environment.

    With `brief`, only changes that lose something or are refused are shown; the others are counted.
    """
    lines: list[str] = []
    if plan.unprotects:
        text = f"  protection is switched off: {', '.join(plan.unprotects)}"
        lines.append(click.style(text + refused(plan.refusals.get("", ())), fg=BAD))
    for layer, entry in plan.entries.items():
        hooks = plan.hooks.get(layer, ())
        if brief and isinstance(entry, NoChange) and not hooks:
            continue
        words, colour = entry_words(entry, verbosity)
        lines.append(f"  {layer:14} {click.style(words, fg=colour)}")
        lines += [f"    {h.when} it: {h.name}, at most {h.seconds:g} s" for h in hooks]
        if isinstance(entry, Planned):
            refusals = plan.refusals.get(layer, ())
            lines += [f"    {r.setting}: {r.value} from {r.source}" for r in entry.read_values]
            lines += [f"    {text}" for text in rollout_lines(entry)]
            lines += [f"    {text}" for text in foreign_lines(entry)]
            lines += taken_lines(entry, verbosity, refusals)
            if brief:
                lines += loss_lines(entry, refusals)
            elif entry.kind == "UPDATE" or verbosity > 0:
                lines += change_lines(entry, verbosity, refusals)
            of_stack = [refused([refusal]).strip() for refusal in refusals if not refusal.resource]
            lines += [click.style(f"    {text}", fg=BAD) for text in of_stack]
    same = sum(isinstance(entry, NoChange) for entry in plan.entries.values())
    lines.append(f"{len(plan.entries) - same} of {len(plan.entries)} stacks would change")
    return "\n".join(lines)


def rollout_lines(entry: Planned) -> list[str]:
    """The functions whose traffic shifts to a new version in steps, and how long that takes."""
    lines = []
    for one in entry.rollouts:
        time = "" if one.minutes is None else f", about {one.minutes} minutes"
        how = f" ({one.configuration})" if one.configuration else ""
        lines.append(f"traffic of {one.function} shifts in steps{time}{how}")
    return lines


def foreign_lines(entry: Planned) -> list[str]:
    """Parts that a stack from outside tapgen loses when it is taken over, and those it keeps."""
    found = entry.foreign
    if found is None:
        return []
    told = {
        "its tags": [f"{name}={value}" for name, value in found.tags.items()],
        "its parameters": found.parameters,
        "its outputs": found.outputs,
        "its notifications": found.topics,
    }
    lines = [f"{what} are removed: {', '.join(names)}" for what, names in told.items() if names]
    return [*lines, f"it keeps its service role {found.role}"] if found.role else lines


def taken_lines(entry: Planned, verbosity: int, refusals: Sequence[Refusal] = ()) -> list[str]:
    """The resources that are taken over and belong to no stack, with what changes afterwards.

    Empty for resources that a deleted stack has retained: they come back unchanged.
    """
    if not (entry.made or entry.differences):
        return []
    lines = []
    for one in entry.adoptions:
        mine = [part for part in entry.differences if part.logical_id == one.logical_id]
        mark = refused([each for each in refusals if each.resource == one.logical_id])
        text = f"    > {one.logical_id} ({one.resource_type}) {one.identifier}{mark}"
        lines.append(click.style(text, fg=BAD if mark else None))
        lines += [f"        not comparable: {part.unseen}" for part in mine if part.unseen]
        changes = [
            (part.path, _side(part.actual), _side(part.declared))
            for part in mine
            if not part.unseen
        ]
        lines += [f"        {words}" for words in several(changes, limit(verbosity))]
    if entry.made:
        verb = "is" if len(entry.made) == 1 else "are"
        lines.append(f"    + {listed(entry.made, None if verbosity > 0 else MADE)} {verb} created")
    return lines


def _side(value: Any) -> Any:
    return ABSENT if value is None else value


def show_retained(outcomes: Mapping[str, Outcome], purge: str) -> None:
    """Print, after a destruction, what is left behind and what was deleted permanently.

    `purge` is the command that deletes the rest.
    """
    deleted = {name: one for name, one in outcomes.items() if isinstance(one, Deleted)}
    kept = [(name, *resource) for name, one in deleted.items() for resource in one.retained]
    by_hand = [(name, *resource) for name, one in deleted.items() for resource in one.by_hand]
    purged = sum(len(one.purged) for one in deleted.values())
    if kept:
        remark("\nKept with their data (and paid for):")
        remark(table(["layer", "type", "resource"], kept), err=False)
        remark(f"`{purge}` deletes them permanently.")
    if by_hand:
        remark("\nKept with their data; no later run finds them again, so delete them by hand:")
        remark(table(["layer", "type", "resource"], by_hand), err=False)
    if purged:
        remark(f"\n{purged} retained resources were deleted permanently.")


def show_left(outcomes: Mapping[str, Outcome]) -> None:
    """Print, after a recovery or cancellation, what deletions have left behind."""
    left = [
        (layer, *resource)
        for layer, outcome in outcomes.items()
        if isinstance(outcome, Deleted)
        for resource in outcome.retained
    ]
    if left:
        remark("\nLeft behind. The next deployment takes over retained resources; delete the rest:")
        remark(table(["layer", "type", "resource"], left), err=False)


def outputs_of(outcomes: Mapping[str, Outcome]) -> dict[str, Mapping[str, str]]:
    """The outputs after a deployment."""
    return {
        layer: outcome.outputs
        for layer, outcome in outcomes.items()
        if isinstance(outcome, Created | Updated | Unchanged)
    }
