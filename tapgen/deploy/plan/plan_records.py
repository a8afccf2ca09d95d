"""A plan as JSON objects: what `plan --format json` prints and what a plan file keeps."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from tapgen.model.changes.causes import in_words
from tapgen.model.changes.change import Change, PropertyChange
from tapgen.model.changes.rollouts import Rollout
from tapgen.model.changes.secrets import masked_parameters
from tapgen.model.changes.values import value_text
from tapgen.model.plan import KINDS, Difference, Entry, FailedCreation, NoChange, Pending, Planned


def entry_record(entry: Entry) -> dict[str, Any]:
    """The planned change to a stack, without secrets; "kind" is the kind of the entry."""
    record: dict[str, Any] = {"kind": KINDS[type(entry)]}
    match entry:
        case Planned():
            record |= _planned_record(entry)
        case NoChange():
            record["updated"] = entry.updated
        case Pending():
            record["needs"] = [str(source) for source in entry.needs]
        case FailedCreation():
            record["status"] = entry.status
        case _:  # Blocked
            record |= {
                "status": entry.status,
                "reason": entry.reason,
                "hint": entry.hint,
                "refused": entry.refused,
            }
    return record


def _planned_record(entry: Planned) -> dict[str, Any]:
    losses = entry.data_losses
    return {
        "change_set_type": entry.kind,
        "change_set": entry.change_set.arn,
        "stack_id": entry.change_set.stack_id,
        "parameters": masked_parameters(entry.stack.template, entry.parameters),
        "read": [
            {"setting": read.setting, "from": str(read.source), "value": read.value}
            for read in entry.read_values
        ],
        "rollouts": [*map(_rollout_record, entry.rollouts)],
        "foreign": dataclasses.asdict(entry.foreign) if entry.foreign else None,
        "adoptions": [dataclasses.asdict(adoption) for adoption in entry.adoptions],
        "differences": [difference_record(one) for one in entry.differences],
        "made": [*entry.made],
        "changes": [
            {**change_record(entry, change), "data_loss": change in losses}
            for change in entry.change_set.changes
        ],
        "data_losses": [change.logical_id for change in losses],
    }


def _rollout_record(one: Rollout) -> dict[str, Any]:
    return {
        "logical_id": one.alias,
        "function": one.function,
        "configuration": one.configuration,
        "seconds": None if one.minutes is None else 60 * one.minutes,
    }


def difference_record(one: Difference) -> dict[str, Any]:
    """A difference of an adopted resource, both sides as text; null if a side lacks the part."""
    sides = {"declared": one.declared, "actual": one.actual}
    return {
        **dataclasses.asdict(dataclasses.replace(one, declared=None, actual=None)),
        **{name: None if value is None else value_text(value) for name, value in sides.items()},
    }


def change_record(entry: Planned, change: Change) -> dict[str, Any]:
    """One resource: its fields, and the causes in words under "because"."""
    changes = entry.change_set.changes
    details = [
        {**dataclasses.asdict(detail), "because": [*in_words(entry.stack, [detail], changes)]}
        for detail in change.details
    ]
    because = [*in_words(entry.stack, change.details, changes)]
    return {**dataclasses.asdict(change), "details": details, "because": because}


def change_of(record: Mapping[str, Any]) -> Change:
    """The change from its record."""
    fields = _fields(Change, record)
    details = (PropertyChange(**_fields(PropertyChange, told)) for told in record["details"])
    return Change(**{**fields, "details": tuple(details)})


def _fields(kind: type[Change | PropertyChange], record: Mapping[str, Any]) -> dict[str, Any]:
    return {field.name: record[field.name] for field in dataclasses.fields(kind)}
