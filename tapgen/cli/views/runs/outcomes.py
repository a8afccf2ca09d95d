"""Outcomes and plans in words."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping
from typing import Any

from tapgen.cli.views.text import counted
from tapgen.deploy.flow.events import (
    EnvironmentEnded,
    Event,
    Planning,
    PlanReady,
    Progress,
    Within,
)
from tapgen.deploy.plan.plan_records import entry_record
from tapgen.model.changes.settling import protected_later
from tapgen.model.deployed.events import (
    Created,
    Deleted,
    Failed,
    Outcome,
    RolledBack,
    Skipped,
    Updated,
)
from tapgen.model.layer import Source
from tapgen.model.plan import Blocked, Entry, FailedCreation, Pending, Plan, Planned

# How many inputs a pending stack names; --verbose names all.
_NEEDS = 3

GOOD, NEUTRAL, BAD, WARN = "green", "bright_black", "red", "yellow"


def outcome_word(outcome: Outcome) -> tuple[str, str]:
    """The outcome as a word, and its colour."""
    match outcome:
        case Created(adopted=()):
            return "created", GOOD
        case Created():
            return "created, data adopted", GOOD
        case Updated(adopted=()):
            return "updated", GOOD
        case Updated():
            return "updated, data adopted", GOOD
        case Deleted():
            return "deleted", GOOD
        case RolledBack():
            return "rolled back", GOOD
        case Failed(refused=True):
            return "refused", BAD
        case Failed():
            return "failed", BAD
        case Skipped():
            return "skipped", WARN
    return "unchanged", NEUTRAL


def counted_outcomes(outcomes: Mapping[str, Outcome]) -> str:
    """The number of stacks for each outcome: 2 created, 9 unchanged."""
    counts = Counter(outcome_word(outcome)[0] for outcome in outcomes.values())
    return ", ".join(f"{count} {word}" for word, count in counts.items())


def outcome_detail(outcome: Outcome) -> str:
    """The detail of an outcome, such as the reason of a failure; may be empty."""
    match outcome:
        case Failed():
            return outcome.reason
        case Skipped():
            return outcome.because
        case Created() | Updated():
            return ", ".join(outcome.adopted)
        case RolledBack():
            return f"without {', '.join(outcome.skipped)}" if outcome.skipped else ""
    return ""


def entry_words(entry: Entry, verbosity: int = 0) -> tuple[str, str]:
    """The effect of a plan on a stack in one line, and its colour."""
    match entry:
        case Planned() if entry.adoptions:
            names = ", ".join(adoption.logical_id for adoption in entry.adoptions)
            verb, colour = ("create", GOOD) if entry.creates else ("update", WARN)
            verb = f"take over stack {entry.stack.name}" if entry.foreign else verb
            return f"{verb}, taking over {names}{_then(entry)}", colour
        case Planned() if entry.foreign:
            changes = counted(len(entry.change_set.changes), "change")
            return f"take over stack {entry.stack.name}, {changes}{_then(entry)}", WARN
        case Planned(kind="CREATE"):
            resources = counted(len(entry.change_set.changes), "resource")
            return f"create, {resources}{_then(entry)}", GOOD
        case Planned() if not entry.change_set.changes:
            return "update, no resource changes", WARN
        case Planned():
            changes = counted(len(entry.change_set.changes), "change")
            return f"update, {changes}{_then(entry)}", WARN
        case Pending():
            return f"pending: needs {_needs(entry, verbosity)}", NEUTRAL
        case FailedCreation():
            return f"recreate: {entry.status}", WARN
        case Blocked(refused=True):
            return f"refused: {entry.reason}", BAD
        case Blocked():
            return f"blocked: {entry.reason}", BAD
    return "unchanged", NEUTRAL


def _then(entry: Planned) -> str:
    """The steps that follow as soon as the stack has been created."""
    names = protected_later(entry.stack, entry.parameters)
    return f", then protect {', '.join(names)}" if names else ""


def _needs(entry: Pending, verbosity: int) -> str:
    shown = entry.needs if verbosity > 0 else entry.needs[:_NEEDS]
    rest = len(entry.needs) - len(shown)
    return ", ".join(map(_need, shown)) + (f" and {rest} more" if rest else "")


def _need(source: Source) -> str:
    """An input, and what has to be done first if another environment provides it."""
    if not source.environment:
        return str(source)
    return f"{source} (deploy {source.layer} to {source.environment} first)"


def as_record(event: Event) -> dict[str, Any]:
    """An event as one JSON object with its kind under "event".

    In a run over several environments, "environment" names the one it is about.
    """
    if isinstance(event, Within):
        return {**as_record(event.event), "environment": event.environment}
    record: dict[str, Any] = {"event": type(event).__name__}
    match event:
        case PlanReady():
            record["plan"] = plan_record(event.plan)
        case Planning():
            record["layer"] = event.layer
        case Progress():
            record |= {"layer": event.layer, **dataclasses.asdict(event.event)}
        case EnvironmentEnded():
            record |= {"environment": event.environment, "seconds": event.seconds}
        case _:
            record |= dataclasses.asdict(event)
    outcome = getattr(event, "outcome", None)
    if outcome is not None:
        record["outcome"] = outcome_record(outcome)
    return record


def outcome_record(outcome: Outcome) -> dict[str, Any]:
    """An outcome as a JSON object with its kind under "kind"."""
    return {"kind": type(outcome).__name__, **dataclasses.asdict(outcome)}


def plan_record(plan: Plan) -> dict[str, Any]:
    """A plan as a JSON object, layer -> what would be done, with the guards' refusals."""
    whole = plan.refusals.get("", ())
    return {
        layer: {
            **entry_record(entry),
            "summary": entry_words(entry)[0],
            "unprotects": layer in plan.unprotects,
            "hooks": [dataclasses.asdict(hook) for hook in plan.hooks.get(layer, ())],
            "refusals": [
                dataclasses.asdict(refusal)
                for refusal in (
                    *plan.refusals.get(layer, ()),
                    *(whole if layer in plan.unprotects else ()),
                )
            ],
        }
        for layer, entry in plan.entries.items()
    }
