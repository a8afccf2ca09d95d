"""The only change of an import to its resources: stack-level tags."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, provisioners

if TYPE_CHECKING:
    from collections.abc import Callable


def put_stack_tags(put: Callable[[str, str, dict[str, str]], None]) -> None:
    """Let an import apply the stack's tags to its resources. A template's own tags take precedence.

    `put` gets type, physical id and tags.

    AWS reports "Apply stack-level tags to imported resource if applicable." while it does that
    (CloudFormation user guide, "Import AWS resources into a CloudFormation stack"). MiniStack
    reports the same and does nothing, and the next update detects no difference in tags.
    """
    take_over = changesets._import_resources_async

    async def importing(change_set: dict[str, Any], stack: dict[str, Any], new_stack: bool) -> None:
        await take_over(change_set, stack, new_stack)
        if stack["StackStatus"] != "IMPORT_COMPLETE":
            return
        events = cloudformation._stack_events[stack["StackId"]]
        end = events.pop()  # not visible yet: nothing was awaited since
        stack["StackStatus"] = "IMPORT_IN_PROGRESS"
        for entry in change_set["_resources_to_import"]:
            await asyncio.to_thread(put, *_tagged(stack, entry["LogicalResourceId"]))
        stack["StackStatus"] = end["ResourceStatus"]
        events.append(end)

    changesets._import_resources_async = importing


def _tagged(stack: dict[str, Any], logical_id: str) -> tuple[str, str, dict[str, str]]:
    held = stack["_resources"][logical_id]
    kind = held["ResourceType"]
    name, _ = provisioners._STACK_TAG_PROPERTY.get(kind, ("", ""))
    own = provisioners._tag_map(held["Properties"].get(name))
    tags = {tag["Key"]: tag["Value"] for tag in stack.get("Tags") or []}
    return kind, held["PhysicalResourceId"], {k: v for k, v in tags.items() if k not in own}
