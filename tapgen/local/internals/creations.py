"""Deleting a stack in creation: the creation ends first, then its resources are deleted."""

from __future__ import annotations

import asyncio
from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, handlers, stacks

_DELETING = "DELETE_IN_PROGRESS"


class CreationCancelledError(Exception):
    """CloudFormation's reason for a resource that it has not created yet."""


def end_before_deletion() -> None:
    """Let DeleteStack wait for the operation in progress, which then creates nothing more.

    MiniStack does both at the same time, and the creation's status wins.
    """
    ends: dict[str, asyncio.Event] = {}  # by stack id
    deploy, delete, roll_back, provision = (
        stacks._deploy_stack_async,
        stacks._delete_stack_async,
        stacks._roll_back_operation,
        stacks._provision_resource,
    )

    async def deploying(name: str, stack_id: str, *arguments: Any, **options: Any) -> None:
        ended = ends[stack_id] = asyncio.Event()
        try:
            await deploy(name, stack_id, *arguments, **options)
        finally:
            del ends[stack_id]
            ended.set()

    async def deleting(name: str, stack_id: str, *arguments: Any, **options: Any) -> None:
        if ended := ends.get(stack_id):
            cloudformation._stacks[name]["StackStatus"] = _DELETING
            await ended.wait()
        await delete(name, stack_id, *arguments, **options)

    async def rolling_back(name: str, stack_id: str, stack: Any, *arguments: Any) -> None:
        if stack["StackStatus"] != _DELETING:
            await roll_back(name, stack_id, stack, *arguments)

    def creating(kind: str, logical_id: str, properties: Any, stack: str) -> Any:
        if cloudformation._stacks.get(stack, {}).get("StackStatus") == _DELETING:
            raise CreationCancelledError("Resource creation cancelled")
        return provision(kind, logical_id, properties, stack)

    for module in (changesets, handlers):
        module._deploy_stack_async = deploying
    handlers._delete_stack_async = deleting
    stacks._roll_back_operation = rolling_back
    stacks._provision_resource = creating
