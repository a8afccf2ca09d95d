"""What each CloudFormation stack status means for tapgen's commands.

The values of StackStatus are those of the CloudFormation API reference; `ROADS` is the table that
`docs/when-it-goes-wrong.md` prints, each cell in the words of its enum.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple


class Road(Enum):
    """How `tapgen deploy` goes on from a status."""

    CREATE = "create"
    UPDATE = "update"
    RECREATE = "delete what is left, then create"
    WAIT = "watch to its end, then plan afresh"
    RECOVER = "stop, name the way out"


class Razing(Enum):
    """How `tapgen destroy` goes on from a status."""

    NOTHING = "nothing to do"
    DELETE = "delete"
    WAIT = "watch to its end, then delete"


class Rescue(Enum):
    """How `tapgen recover` goes on from a status."""

    NOTHING = "nothing to recover"
    WAIT = "watch to its end, then look again"
    DELETE = "delete what is left"
    CONTINUE = "continue the rollback"
    ROLL_BACK = "roll back"
    BY_HAND = "say that AWS has no call for it"


class Roads(NamedTuple):
    """What each command does about a status."""

    deploy: Road
    destroy: Razing
    recover: Rescue


# A stack that does not exist has no status.
ABSENT: Final = "ABSENT"

_GONE: Final = Roads(Road.CREATE, Razing.NOTHING, Rescue.NOTHING)
_STABLE: Final = Roads(Road.UPDATE, Razing.DELETE, Rescue.NOTHING)
_REMAINS: Final = Roads(Road.RECREATE, Razing.DELETE, Rescue.DELETE)
_MOVING: Final = Roads(Road.WAIT, Razing.WAIT, Rescue.WAIT)
_BY_HAND: Final = Roads(Road.RECOVER, Razing.DELETE, Rescue.BY_HAND)

ROADS: Final[dict[str, Roads]] = {
    ABSENT: _GONE,
    "DELETE_COMPLETE": _GONE,
    # The shell of a stack that was planned and never made.
    "REVIEW_IN_PROGRESS": Roads(Road.CREATE, Razing.DELETE, Rescue.DELETE),
    "CREATE_COMPLETE": _STABLE,
    "UPDATE_COMPLETE": _STABLE,
    "UPDATE_ROLLBACK_COMPLETE": _STABLE,
    "IMPORT_COMPLETE": _STABLE,
    "IMPORT_ROLLBACK_COMPLETE": _STABLE,
    "ROLLBACK_COMPLETE": _REMAINS,
    "ROLLBACK_FAILED": _REMAINS,
    # These two are left behind where rollback is switched off.
    "CREATE_FAILED": Roads(Road.RECREATE, Razing.DELETE, Rescue.ROLL_BACK),
    "UPDATE_FAILED": Roads(Road.RECOVER, Razing.DELETE, Rescue.ROLL_BACK),
    "UPDATE_ROLLBACK_FAILED": Roads(Road.RECOVER, Razing.DELETE, Rescue.CONTINUE),
    "DELETE_FAILED": Roads(Road.RECOVER, Razing.DELETE, Rescue.DELETE),
    "IMPORT_ROLLBACK_FAILED": _BY_HAND,
    "CREATE_IN_PROGRESS": _MOVING,
    "ROLLBACK_IN_PROGRESS": _MOVING,
    "DELETE_IN_PROGRESS": _MOVING,
    "UPDATE_IN_PROGRESS": _MOVING,
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": _MOVING,
    "UPDATE_ROLLBACK_IN_PROGRESS": _MOVING,
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": _MOVING,
    "IMPORT_IN_PROGRESS": _MOVING,
    "IMPORT_ROLLBACK_IN_PROGRESS": _MOVING,
}

SUCCEEDED: Final = frozenset(
    {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "DELETE_COMPLETE"}
)


def roads(status: str) -> Roads:
    """The table's row; for a status that AWS invents later, the one that touches nothing."""
    return ROADS.get(status, _MOVING if in_progress(status) else _BY_HAND)


def in_progress(status: str) -> bool:
    """Whether CloudFormation is still at work; a stack under review is waiting for us instead."""
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


def usable(status: str) -> bool:
    """Whether the stack's outputs can be relied on."""
    return status in ROADS and ROADS[status].deploy is Road.UPDATE
