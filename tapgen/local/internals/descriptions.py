"""What DescribeStacks tells of a template: its description."""

from __future__ import annotations

from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import handlers


def tell_descriptions() -> None:
    """Let every stack have the description of its template.

    MiniStack forgets it where a change set brought the template.
    """
    describe = handlers._ACTION_HANDLERS["DescribeStacks"]

    def describing(params: dict[str, Any]) -> Any:
        for stack in cloudformation._stacks.values():
            stack["Description"] = stack.get("_template", {}).get("Description", "")
        return describe(params)

    handlers._ACTION_HANDLERS["DescribeStacks"] = describing
