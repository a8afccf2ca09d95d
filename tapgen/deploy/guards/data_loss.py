"""The guard of data: what holds it is replaced or removed only when named.

It guards protected environments, and stacks that `adopt` takes over wherever they are: somebody who
takes over what runs does not expect to lose it.
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
    """A refusal for each resource of a protected environment that the change set would lose.

    So for a stack that is somebody else's until now. `allowed` names what may be lost, each as
    "layer.LogicalId".
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
    """A refusal for what goes, of any type, while something of its name is to be made.

    CloudFormation makes the new one first, and AWS says that the name is taken. By logical id of
    what goes.
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
                f"{_name(stack, new)} ({new.resource_type}) cannot be made: {gone.logical_id} of "
                f"the stack is called {gone.physical_id}",
                f"Give {new.logical_id} of the layer {stack.layer} the logical id "
                f"{gone.logical_id}.",
                new.logical_id,
            )
    return found


def lost_afterwards(entry: Planned, allowed: AbstractSet[str]) -> tuple[Refusal, ...]:
    """A refusal for each resource that is taken over, and that the update after it would replace.

    It has another value than is declared of what AWS cannot change. Any type counts: what somebody
    takes over is what is there, and not a new one of the same name.
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
            "Declare what it has.",
            logical_id,
            f"--allow-replacement {stack.layer}.{logical_id}",
        )
        for logical_id, paths in parts.items()
    )


def _refusal(entry: Planned, change: Change) -> Refusal:
    stack = entry.stack
    name = _name(stack, change)
    why = f"{stack.environment} is protected" if stack.protected else "taking over loses no data"
    reason = f"{name} ({change.resource_type}) would be {change.loss} and {why}"
    if taken := _name_in_the_way(entry, change):
        hint = (
            f"No option helps: the new {change.logical_id} cannot be called {taken} while the old "
            "one is. Give it another name in its layer too."
        )
        return Refusal(reason, hint, change.logical_id)
    hint = _how_to_keep(entry, change) if entry.foreign else ""
    return Refusal(reason, hint, change.logical_id, f"--allow-replacement {name}")


def _how_to_keep(entry: Planned, change: Change) -> str:
    """What to write in the layer, so that it keeps what the stack has."""
    if change.action != "Remove":
        return "Declare what it has, or let the layer change it once it is taken over."
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
        f"The stack calls it {kept}: give {' or '.join(alike)} of the layer {stack.layer} that "
        "logical id."
    )


def _name_in_the_way(entry: Planned, change: Change) -> str:
    """The name that the replacement would share with what it replaces; "" where there is none."""
    stack = entry.stack
    if change.replacement != "True" or change.logical_id not in stack.template.resources:
        return ""
    resolver = Resolver(stack.template.document, entry.parameters, stack.account_id, stack.region)
    resource = resolver.resolve().resources[change.logical_id]
    if set(names(change.resource_type)) & set(change.properties):
        return ""
    return name_in_the_way(resource) or ""


def policy_during(entry: Planned, allowed: AbstractSet[str]) -> dict[str, Any]:
    """The stack policy while the change set is executed: what is allowed by name is not denied.

    A change set has no policy of its own as UpdateStack has, so the stack's is changed for a while.
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
