"""Finding the stack of a resource by the resource's physical id."""

from __future__ import annotations

from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import handlers


def tell_owners() -> None:
    """Let DescribeStackResources accept a physical id instead of a stack's name.

    "If PhysicalResourceId is specified, all of the resources of the stack that the resource
    belongs to are returned" (CloudFormation API reference, DescribeStackResources). Without such a
    stack, it is a ValidationError, whose message here is not AWS's. MiniStack accepts only names of
    stacks.
    """
    describe = handlers._ACTION_HANDLERS["DescribeStackResources"]

    def describing(params: dict[str, Any]) -> Any:
        physical_id = handlers._p(params, "PhysicalResourceId")
        if not physical_id or handlers._p(params, "StackName"):
            return describe(params)
        owner = _owner(physical_id)
        if owner is None:
            return handlers._error("ValidationError", f"Stack for {physical_id} does not exist")
        return describe({**params, "StackName": [owner]})

    handlers._ACTION_HANDLERS["DescribeStackResources"] = describing


def _owner(physical_id: str) -> str | None:
    """The name of its stack in the account and region."""
    for name, stack in cloudformation._stacks.items():
        held = stack.get("_resources", {}).values()
        there = stack.get("StackStatus") != "DELETE_COMPLETE"
        if there and any(one.get("PhysicalResourceId") == physical_id for one in held):
            return str(name)
    return None
