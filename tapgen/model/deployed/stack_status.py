"""What each CloudFormation stack status means for tapgen's commands.

The values of StackStatus are those of the CloudFormation API reference; `ACTIONS` is the table that
`docs/when-it-goes-wrong.md` prints, each cell in the words of its enum.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple


class DeployAction(Enum):
    """How `tapgen deploy` goes on from a status."""

    CREATE = "create"
    UPDATE = "update"
    RECREATE = "delete what is left, then create"
    WAIT = "watch to its end, then plan afresh"
    RECOVER = "stop, name the way out"


class DestroyAction(Enum):
    """How `tapgen destroy` goes on from a status."""

    NOTHING = "nothing to do"
    DELETE = "delete"
    WAIT = "watch to its end, then delete"


class RecoverAction(Enum):
    """How `tapgen recover` goes on from a status."""

    NOTHING = "nothing to recover"
    WAIT = "watch to its end, then look again"
    DELETE = "delete what is left"
    CONTINUE = "continue the rollback"
    ROLL_BACK = "roll back"
    BY_HAND = "say that AWS has no call for it"


class Actions(NamedTuple):
    """What each command does about a status."""

    deploy: DeployAction
    destroy: DestroyAction
    recover: RecoverAction


# A stack that does not exist has no status.
ABSENT: Final = "ABSENT"

_GONE: Final = Actions(DeployAction.CREATE, DestroyAction.NOTHING, RecoverAction.NOTHING)
_STABLE: Final = Actions(DeployAction.UPDATE, DestroyAction.DELETE, RecoverAction.NOTHING)
_REMAINS: Final = Actions(DeployAction.RECREATE, DestroyAction.DELETE, RecoverAction.DELETE)
_MOVING: Final = Actions(DeployAction.WAIT, DestroyAction.WAIT, RecoverAction.WAIT)
_BY_HAND: Final = Actions(DeployAction.RECOVER, DestroyAction.DELETE, RecoverAction.BY_HAND)

ACTIONS: Final[dict[str, Actions]] = {
    ABSENT: _GONE,
    "DELETE_COMPLETE": _GONE,
    # The shell of a stack that was planned and never made.
    "REVIEW_IN_PROGRESS": Actions(DeployAction.CREATE, DestroyAction.DELETE, RecoverAction.DELETE),
    "CREATE_COMPLETE": _STABLE,
    "UPDATE_COMPLETE": _STABLE,
    "UPDATE_ROLLBACK_COMPLETE": _STABLE,
    "IMPORT_COMPLETE": _STABLE,
    "IMPORT_ROLLBACK_COMPLETE": _STABLE,
    "ROLLBACK_COMPLETE": _REMAINS,
    "ROLLBACK_FAILED": _REMAINS,
    # These two are left behind where rollback is switched off.
    "CREATE_FAILED": Actions(DeployAction.RECREATE, DestroyAction.DELETE, RecoverAction.ROLL_BACK),
    "UPDATE_FAILED": Actions(DeployAction.RECOVER, DestroyAction.DELETE, RecoverAction.ROLL_BACK),
    "UPDATE_ROLLBACK_FAILED": Actions(
        DeployAction.RECOVER, DestroyAction.DELETE, RecoverAction.CONTINUE
    ),
    "DELETE_FAILED": Actions(DeployAction.RECOVER, DestroyAction.DELETE, RecoverAction.DELETE),
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

# An operation came to the end that was wanted.
SUCCEEDED: Final = frozenset(
    {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "DELETE_COMPLETE"}
)
# It did, and there is a stack.
DEPLOYED: Final = SUCCEEDED - {"DELETE_COMPLETE"}
# The stack is at rest. Where an update or an import was rolled back, it is what was deployed
# before, which is as good as the day it was deployed.
HEALTHY: Final = frozenset(
    status for status, actions in ACTIONS.items() if actions.deploy is DeployAction.UPDATE
)
# A rollback that somebody wanted came to its end.
ROLLED_BACK: Final = frozenset({"ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"})
# In these CloudFormation detects drift, as its user guide lists them.
DRIFT_DETECTABLE: Final = frozenset(
    {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED"}
)


def actions_for(status: str) -> Actions:
    """The table's row; for a status that AWS invents later, the one that touches nothing."""
    return ACTIONS.get(status, _MOVING if in_progress(status) else _BY_HAND)


def in_progress(status: str) -> bool:
    """Whether CloudFormation is still at work; a stack under review is waiting for us instead."""
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


def usable(status: str) -> bool:
    """Whether the stack's outputs can be relied on."""
    return status in HEALTHY


def never_made(status: str) -> bool:
    """Whether the stack holds nothing that a deployment would update: it is made (again)."""
    return actions_for(status).deploy in {DeployAction.CREATE, DeployAction.RECREATE}
