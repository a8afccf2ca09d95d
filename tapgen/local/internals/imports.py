"""What an import does to what it takes over: stack-level tags, and nothing else."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, provisioners

if TYPE_CHECKING:
    from collections.abc import Callable


def put_stack_tags(put: Callable[[str, str, dict[str, str]], None]) -> None:
    """Let an import put the stack's tags on what it takes over; a template's own tags win.

    `put` gets type, physical id and tags.

    "Apply stack-level tags to imported resource if applicable." is what AWS says while it does that
    (CloudFormation user guide, "Import AWS resources into a CloudFormation stack"). MiniStack says
    the same and does nothing, and the next update sees no tags that differ.
    """
    take_over = changesets._import_resources_async

    async def importing(change_set: dict[str, Any], stack: dict[str, Any], new_stack: bool) -> None:
        await take_over(change_set, stack, new_stack)
        if stack["StackStatus"] != "IMPORT_COMPLETE":
            return
        events = cloudformation._stack_events[stack["StackId"]]
        end = events.pop()  # nobody has seen it yet: nothing was awaited since
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
