"""The guard of protected environments: what holds data is replaced or removed only when named."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

from tapgen.errors import RefusedError
from tapgen.model.changes.change import Change
from tapgen.model.plan import Planned
from tapgen.model.stack import Stack


def refuse_data_loss(entry: Planned, allowed: AbstractSet[str]) -> None:
    """Raise `RefusedError` where the change set loses data of a protected environment.

    `allowed` names what may be lost, each as "layer.LogicalId".
    """
    stack = entry.stack
    losses = {
        name: change
        for change in entry.data_losses
        if (name := _name(stack, change)) not in allowed
    }
    if not stack.protected or not losses:
        return
    listed = "; ".join(
        f"{name} ({change.resource_type}) would be {change.loss}" for name, change in losses.items()
    )
    raise RefusedError(
        f"{listed} and {stack.environment} is protected",
        "If that is meant, name it: " + " ".join(f"--allow-replacement {name}" for name in losses),
    )


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
