"""Plan files and AWS: what was reviewed is compared with what AWS would execute."""

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
    plan_text,
    refuse,
    refuse_other_owner,
    refuse_stale,
    saved_plan,
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

# A plan names account, resources and settings: nobody else's business.
_PRIVATE: Final = 0o600
_EXECUTIONS: Final[Mapping[str, str]] = {
    "EXECUTE_COMPLETE": "was executed already",
    "EXECUTE_FAILED": "was executed already, and failed",
    "EXECUTE_IN_PROGRESS": "is being executed",
    "OBSOLETE": "is obsolete: the stack was changed since",
}


def save(plan: Plan, path: Path, target: Target, rolls_back_to: int | None = None) -> None:
    """Write the plan file, readable by its owner only; see `plan_text`.

    Raises `TapgenError` when it cannot be written; there is then no part of it.
    """
    hooks = reviewed_hooks(target, plan.entries)
    author = target.account.caller(target.home_region)
    rollout = target.options.rollout
    text = plan_text(plan, target.code.sha256, author, hooks, rolls_back_to, rollout)
    write_atomically(path, text, _PRIVATE)


def load(path: Path) -> SavedPlan:
    """Read a plan file. Raises `RefusedError` where it is none or was edited."""
    return saved_plan(read(path) or "", str(path))


def reviewed_plan(saved: SavedPlan, target: Target, name: str) -> Plan:
    """The plan of the file, ready to be carried out.

    Raises `RefusedError` when it is for something else, when the stacks on disk render differently
    by now, and when AWS has other change sets than the reviewed ones, telling everything that does
    not hold.
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
    """The plan of the file for somebody who is to judge it, and may read no values.

    Raises `RefusedError` like `reviewed_plan` where it is for something else, does not fit the
    files that are here, or AWS would execute other change sets.
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
    """Remove the plan's change sets, what exists only through them, and the file.

    Gives how many change sets there were. Those that are gone or executed already count too.
    """
    refuse_other(saved, target, str(path))
    count = discard_change_sets(saved, target)
    remove(path)
    return count


def discard_change_sets(saved: SavedPlan, target: Target) -> int:
    """Remove the plan's change sets and what exists only through them; gives how many there were.

    Raises `RefusedError` when the credentials belong to another account.
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
    """The plan that another one in `path` would take the place of; None where there is no file.

    Raises `RefusedError` where the file is none of this environment's plans: it stays.
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
            f"{error.message}, so no plan is written over it",
            "Name another file with --out, or remove this one first; `tapgen plan --discard FILE` "
            "removes a plan with its change sets.",
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
                yield f"the stack was changed since, it is {state.status}"
            yield from changed_since(target, entry.stack, state.parameters or {})


def _change_set_faults(target: Target, entry: Planned) -> Iterator[str]:
    stack, arn = entry.stack, entry.change_set.arn
    if arn.split(":")[3:5] != [stack.region, stack.account_id]:
        yield f"{arn} is not in {stack.account_id}, {stack.region}"
        return
    cloudformation = target.cloudformation(stack)
    now = cloudformation.change_set(arn)
    if now is None:
        yield "its change set is gone: executed, replaced or removed"
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
            yield "the template of its change set is another one"


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
    """The entry with the secret inputs that the file does not have: as they are now."""
    hidden = {name for name, value in entry.parameters.items() if value == MASK}
    sources = {source.producer for name, source in entry.stack.inputs.items() if name in hidden}
    now = input_values(entry.stack, {one: target.outputs(one) or {} for one in sources})
    parameters = {n: now.get(n, v) if n in hidden else v for n, v in entry.parameters.items()}
    return replace(entry, parameters=parameters)
