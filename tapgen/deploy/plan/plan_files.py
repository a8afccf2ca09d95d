"""Plan files and AWS: the reviewed plan is compared with what AWS would execute."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import Final

from tapgen.aws.cloudformation.api import CloudFormation
from tapgen.aws.cloudformation.change_sets import IMPORT
from tapgen.aws.cloudformation.descriptions import AVAILABLE, Description
from tapgen.deploy.adopt.adoption import NOT_THERE, Deployed
from tapgen.deploy.hooks.hook import reviewed_hooks
from tapgen.deploy.plan.plan_file import (
    SavedPlan,
    refuse,
    refuse_other_owner,
    refuse_stale,
    saved_plan,
    to_save,
)
from tapgen.deploy.plan.requests import request_parameters, request_tags, request_template
from tapgen.deploy.target.elsewhere import changed_since
from tapgen.deploy.target.inputs import input_values
from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError
from tapgen.model.changes.change import Change
from tapgen.model.changes.secrets import MASK, masked_parameters
from tapgen.model.plan import Entry, NoChange, Plan, Planned
from tapgen.render.files import read, refuse_special, remove, write_atomically

# A plan names account, resources and settings, so only its owner can read it.
_PRIVATE: Final = 0o600
_EXECUTIONS: Final[Mapping[str, str]] = {
    "EXECUTE_COMPLETE": "was already executed",
    "EXECUTE_FAILED": "was already executed, and failed",
    "EXECUTE_IN_PROGRESS": "is being executed",
    "OBSOLETE": "is obsolete: the stack has changed since",
}


def save(plan: Plan, path: Path, target: Target, rolls_back_to: int | None = None) -> SavedPlan:
    """Write the plan file, readable by its owner only, and return it; see `to_save`.

    Raises `TapgenError` if it cannot be written; then no part of it exists.
    """
    hooks = reviewed_hooks(target, plan.entries)
    author = target.account.caller(target.home_region)
    rollout = target.options.rollout
    saved = to_save(plan, target.code.sha256, author, hooks, rolls_back_to, rollout)
    write_atomically(path, saved.text, _PRIVATE)
    return saved


def load(path: Path) -> SavedPlan:
    """Read a plan file. Raises `RefusedError` if it is not one, or was edited."""
    return saved_plan(read(path) or "", str(path))


def reviewed_plan(saved: SavedPlan, target: Target, name: str) -> Plan:
    """The plan of the file, ready to be carried out.

    Raises `RefusedError` with everything that is not valid: another environment or account, stacks
    that now render differently, change sets in AWS that differ from the reviewed ones.
    """
    refuse_other(saved, target, name)
    there = [layer for layer in saved.layers if layer in target.stacks]
    again = planned_again(saved, target)
    refuse_stale(saved, target.stacks, name, again, reviewed_hooks(target, there))
    target.verify_account()
    target.verify_others(saved.layers)
    plan = saved.plan(target.stacks)
    faults = [
        f"{layer}: {fault}"
        for layer, entry in plan.entries.items()
        for fault in _faults(target, entry)
    ]
    refuse(faults, name, again)
    entries = {
        layer: _with_secrets(target, entry) if isinstance(entry, Planned) else entry
        for layer, entry in plan.entries.items()
    }
    return replace(plan, entries=entries)


def shown_plan(saved: SavedPlan, target: Target, name: str) -> Plan:
    """The plan of the file for an approver, who is not allowed to read values.

    Raises `RefusedError` like `reviewed_plan`.
    """
    refuse_other(saved, target, name)
    there = [layer for layer in saved.layers if layer in target.stacks]
    again = planned_again(saved, target)
    refuse_stale(saved, target.stacks, name, again, reviewed_hooks(target, there))
    target.verify_account()
    plan = saved.plan(target.stacks)
    faults = [
        f"{entry.stack.layer}: {fault}"
        for entry in plan.planned
        for fault in _change_set_faults(target, entry)
    ]
    refuse(faults, name, again)
    return plan


def discard(saved: SavedPlan, target: Target, path: Path) -> int:
    """Delete the plan's change sets, the empty stacks that belong to them, and the file.

    Returns the number of change sets, including those already gone or executed.
    """
    refuse_other(saved, target, str(path))
    count = discard_change_sets(saved, target)
    remove(path)
    return count


def discard_change_sets(saved: SavedPlan, target: Target) -> int:
    """Delete the plan's change sets and the empty stacks that belong to them; return their number.

    Raises `RefusedError` if the credentials belong to another account.
    """
    target.verify_account()
    found = list(saved.change_sets())
    for region, change_set in found:
        CloudFormation(target.account, region).discard(change_set)
    return len(found)


def planned_again(saved: SavedPlan, target: Target, file: str = "FILE") -> str:
    """The command that makes another plan of the same."""
    release, way = saved.rolls_back_to, saved.rollout
    layers = [layer for layer in saved.layers if layer in target.stacks]
    return target.command(
        "plan" if release is None else "rollback",
        *([] if release is None else [f"--to {release}"]),
        *target.only(layers),
        *([f"--rollout {quote(way)}"] if way else []),
        f"--out {file}",
    )


def refuse_other(saved: SavedPlan, target: Target, name: str) -> None:
    """Raise `RefusedError` where the plan is for another environment or account."""
    again = target.command("plan", "--out FILE")
    account_id = target.account.account_id
    refuse_other_owner(saved, target.environment, account_id, name, again)


def replaced(target: Target, path: Path) -> SavedPlan | None:
    """The plan that a new one at `path` would replace; None if there is no file.

    Raises `RefusedError` if the file is not a plan of this environment: it is kept.
    """
    refuse_special(path)
    text = read(path)
    if text is None:
        return None
    try:
        saved = saved_plan(text, str(path))
        refuse_other(saved, target, str(path))
    except RefusedError as error:
        raise RefusedError(
            f"{error.message}, so it is not overwritten",
            "Name another file with --out, or remove this one first; `tapgen plan --discard FILE` "
            "removes a plan and its change sets.",
        ) from None
    return saved


def _faults(target: Target, entry: Entry) -> Iterator[str]:
    match entry:
        case Planned():
            yield from _change_set_faults(target, entry)
            yield from changed_since(target, entry.stack, entry.parameters)
        case NoChange():
            state = target.describe(entry.stack.layer)
            if state.updated != entry.updated:
                yield f"the stack has changed since; it is in {state.status}"
            yield from changed_since(target, entry.stack, state.parameters or {})


def _change_set_faults(target: Target, entry: Planned) -> Iterator[str]:
    stack, arn = entry.stack, entry.change_set.arn
    if arn.split(":")[3:5] != [stack.region, stack.account_id]:
        yield f"{arn} is not in account {stack.account_id}, {stack.region}"
        return
    cloudformation = target.cloudformation(stack)
    now = cloudformation.change_set(arn)
    if now is None:
        yield "its change set no longer exists: executed, replaced or deleted"
    elif now.execution != AVAILABLE:
        yield f"its change set {_EXECUTIONS.get(now.execution, f'is {now.execution}')}"
    elif (now.stack_name, now.stack_id) != (stack.name, entry.change_set.stack_id):
        yield f"its change set is for {now.stack_id}"
    else:
        deployed = NOT_THERE
        if entry.kind == IMPORT:
            text = cloudformation.template(stack.name)
            deployed = Deployed(text, target.describe(stack.layer).parameters or {})
        yield from _content_faults(entry, now, deployed)
        if not _same_template(cloudformation.template(now.stack_id, arn), entry, deployed):
            yield "its change set has another template"


def _content_faults(entry: Planned, now: Description, deployed: Deployed) -> Iterator[str]:
    template = entry.stack.template
    values = request_parameters(entry.kind, entry.parameters, entry.adoptions, deployed)
    defaults = template.defaults if values else {}
    planned = masked_parameters(template, {**defaults, **values})
    parameters = masked_parameters(template, now.parameters)
    for name in sorted(planned.keys() | parameters.keys()):
        if MASK not in {planned.get(name), parameters.get(name)} and (
            planned.get(name) != parameters.get(name)
        ):
            yield f"its change set has another value of the parameter {name}"
    if now.tags != request_tags(entry.stack, entry.kind):
        yield "its change set has other tags"
    if _effects(now.changes) != _effects(entry.change_set.changes):
        yield "its change set makes other changes"


def _effects(changes: tuple[Change, ...]) -> set[tuple[str, str, str, str]]:
    return {(c.logical_id, c.resource_type, c.action, c.replacement) for c in changes}


def _same_template(text: str, entry: Planned, deployed: Deployed) -> bool:
    stack, adoptions = entry.stack, entry.adoptions
    wanted = json.loads(request_template(stack, entry.kind, entry.parameters, adoptions, deployed))
    with suppress(ValueError):
        return bool(json.loads(text) == wanted)
    return False


def _with_secrets(target: Target, entry: Planned) -> Planned:
    """The entry with the current values of secret inputs, which the file does not contain."""
    hidden = {name for name, value in entry.parameters.items() if value == MASK}
    sources = {source.producer for name, source in entry.stack.inputs.items() if name in hidden}
    now = input_values(entry.stack, {one: target.outputs(one) or {} for one in sources})
    parameters = {n: now.get(n, v) if n in hidden else v for n, v in entry.parameters.items()}
    return replace(entry, parameters=parameters)
