"""The guard of data: resources that hold data are replaced or removed only when they are named.

It guards protected environments, and stacks that `adopt` takes over in any environment: taking over
a running system must not lose parts of it.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

from tapgen.model.changes.change import Change
from tapgen.model.plan import Planned, Refusal
from tapgen.model.stack import Stack
from tapgen.model.templates.intrinsics import Resolver
from tapgen.review.diff.matching import name_in_the_way
from tapgen.review.diff.requirements import names


def data_losses(entry: Planned, allowed: AbstractSet[str]) -> tuple[Refusal, ...]:
    """A refusal for each resource that the change set would lose.

    Only for protected environments, and for stacks that are not tapgen's yet (`entry.foreign`).
    `allowed` names what may be lost, each as "layer.LogicalId".
    """
    stack = entry.stack
    if not (stack.protected or entry.foreign):
        return ()
    renamed = _renamed(entry) if entry.foreign else {}
    lost = [
        _refusal(entry, change)
        for change in entry.data_losses
        if _name(stack, change) not in allowed and change.logical_id not in renamed
    ]
    return (*lost, *renamed.values())


def _renamed(entry: Planned) -> dict[str, Refusal]:
    """A refusal for each removed resource, of any type, whose name a created one is to have.

    CloudFormation creates the new one first, and AWS reports that the name exists. Keyed by the
    logical id of the removed resource.
    """
    stack, changes = entry.stack, entry.change_set.changes
    resolver = Resolver(stack.template.document, entry.parameters, stack.account_id, stack.region)
    resources = resolver.resolve().resources
    made = {
        (change.resource_type, name_in_the_way(resources[change.logical_id])): change
        for change in changes
        if change.action == "Add" and change.logical_id in resources
    }
    found = {}
    for gone in changes:
        new = made.get((gone.resource_type, gone.physical_id))
        if gone.action == "Remove" and new:
            found[gone.logical_id] = Refusal(
                f"{_name(stack, new)} ({new.resource_type}) cannot be created: {gone.logical_id} "
                f"in the stack already has the name {gone.physical_id}",
                f"In the layer {stack.layer}, change the logical id {new.logical_id} to "
                f"{gone.logical_id}.",
                new.logical_id,
            )
    return found


def lost_afterwards(entry: Planned, allowed: AbstractSet[str]) -> tuple[Refusal, ...]:
    """A refusal for each adopted resource that the update after the import would replace.

    Its value of a property that AWS cannot change is not the declared one. This holds for every
    type: an adopted resource is to be kept, not replaced by a new one of the same name.
    """
    stack = entry.stack
    parts: dict[str, list[str]] = {}
    for one in entry.differences:
        if one.replaces and f"{stack.layer}.{one.logical_id}" not in allowed:
            parts.setdefault(one.logical_id, []).append(one.path)
    types = {one.logical_id: one.resource_type for one in entry.adoptions}
    return tuple(
        Refusal(
            f"{stack.layer}.{logical_id} ({types[logical_id]}) would be replaced once it is taken "
            f"over: AWS cannot change {', '.join(paths)}",
            "Declare its current values.",
            logical_id,
            f"--allow-replacement {stack.layer}.{logical_id}",
        )
        for logical_id, paths in parts.items()
    )


def _refusal(entry: Planned, change: Change) -> Refusal:
    stack = entry.stack
    name = _name(stack, change)
    why = f"{stack.environment} is protected" if stack.protected else "adopting must not lose data"
    reason = f"{name} ({change.resource_type}) would be {change.loss} and {why}"
    if taken := _name_in_the_way(entry, change):
        hint = (
            f"No option helps: the new {change.logical_id} cannot have the name {taken} while the "
            "old one has it. Give it another name in its layer too."
        )
        return Refusal(reason, hint, change.logical_id)
    hint = _how_to_keep(entry, change) if entry.foreign else ""
    return Refusal(reason, hint, change.logical_id, f"--allow-replacement {name}")


def _how_to_keep(entry: Planned, change: Change) -> str:
    """How to change the layer so that the stack's resource is kept."""
    if change.action != "Remove":
        return "Declare its current values, or change it in the layer after it is taken over."
    stack = entry.stack
    alike = [
        one.logical_id
        for one in entry.change_set.changes
        if one.action == "Add" and one.resource_type == change.resource_type
    ]
    kept = change.logical_id
    if not alike:
        return f"Declare it in the layer {stack.layer} as {kept}."
    return (
        f"If it is {' or '.join(alike)} in the layer {stack.layer}, change that logical id to "
        f"{kept}, as in the stack."
    )


def _name_in_the_way(entry: Planned, change: Change) -> str:
    """The name that the replacement would share with the resource it replaces; "" if none."""
    stack = entry.stack
    if change.replacement != "True" or change.logical_id not in stack.template.resources:
        return ""
    resolver = Resolver(stack.template.document, entry.parameters, stack.account_id, stack.region)
    resource = resolver.resolve().resources[change.logical_id]
    if set(names(change.resource_type)) & set(change.properties):
        return ""
    return name_in_the_way(resource) or ""


def policy_during(entry: Planned, allowed: AbstractSet[str]) -> dict[str, Any]:
    """The stack policy during the change set: losses that are allowed by name are not denied.

    UpdateStack accepts a policy for one update, a change set does not. The stack's own policy is
    therefore changed temporarily.
    """
    policy = entry.stack.policy()
    meant = {
        f"LogicalResourceId/{change.logical_id}"
        for change in entry.data_losses
        if _name(entry.stack, change) in allowed
    }
    for statement in policy["Statement"]:
        if statement["Effect"] == "Deny":
            statement["Resource"] = [name for name in statement["Resource"] if name not in meant]
    statements = [statement for statement in policy["Statement"] if statement["Resource"]]
    return {**policy, "Statement": statements}


def _name(stack: Stack, change: Change) -> str:
    return f"{stack.layer}.{change.logical_id}"
