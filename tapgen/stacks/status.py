"""What each CloudFormation stack status means for a deployment.

The values of StackStatus are those of the CloudFormation API reference; `ROADS` is the table that
`docs/when-it-goes-wrong.md` prints.
"""

from __future__ import annotations

from enum import Enum
from typing import Final


class Road(Enum):
    """How a deployment goes on from a status."""

    CREATE = "create"
    UPDATE = "update"
    RECREATE = "delete what is left, then create"
    WAIT = "watch to its end, then plan afresh"
    RECOVER = "stop and name the command that recovers it"


# A stack that does not exist has no status.
ABSENT: Final = "ABSENT"

ROADS: Final[dict[str, Road]] = {
    ABSENT: Road.CREATE,
    "REVIEW_IN_PROGRESS": Road.CREATE,
    "DELETE_COMPLETE": Road.CREATE,
    "CREATE_COMPLETE": Road.UPDATE,
    "UPDATE_COMPLETE": Road.UPDATE,
    "UPDATE_ROLLBACK_COMPLETE": Road.UPDATE,
    "IMPORT_COMPLETE": Road.UPDATE,
    "IMPORT_ROLLBACK_COMPLETE": Road.UPDATE,
    "CREATE_FAILED": Road.RECREATE,
    "ROLLBACK_COMPLETE": Road.RECREATE,
    "ROLLBACK_FAILED": Road.RECREATE,
    "CREATE_IN_PROGRESS": Road.WAIT,
    "ROLLBACK_IN_PROGRESS": Road.WAIT,
    "DELETE_IN_PROGRESS": Road.WAIT,
    "UPDATE_IN_PROGRESS": Road.WAIT,
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": Road.WAIT,
    "UPDATE_ROLLBACK_IN_PROGRESS": Road.WAIT,
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": Road.WAIT,
    "IMPORT_IN_PROGRESS": Road.WAIT,
    "IMPORT_ROLLBACK_IN_PROGRESS": Road.WAIT,
    "UPDATE_FAILED": Road.RECOVER,
    "UPDATE_ROLLBACK_FAILED": Road.RECOVER,
    "IMPORT_ROLLBACK_FAILED": Road.RECOVER,
    "DELETE_FAILED": Road.RECOVER,
}

SUCCEEDED: Final = frozenset(
    {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "DELETE_COMPLETE"}
)


def in_progress(status: str) -> bool:
    """Whether CloudFormation is still at work; a stack under review is waiting for us instead."""
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


def usable(status: str) -> bool:
    """Whether the stack's outputs can be relied on."""
    return ROADS.get(status) is Road.UPDATE
