"""CloudFormation's stack statuses, and what tapgen's commands do in each of them.

The values of StackStatus are those of the CloudFormation API reference. docs/when-it-goes-wrong.md
contains the table `ACTIONS`, with the words of the enums.
"""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple


class DeployAction(Enum):
    """The action of `tapgen deploy` in a status."""

    CREATE = "create"
    UPDATE = "update"
    RECREATE = "delete what is left, then create"
    WAIT = "watch until it ends, then plan again"
    RECOVER = "stop, and show what to do"


class DestroyAction(Enum):
    """The action of `tapgen destroy` in a status."""

    NOTHING = "nothing to do"
    DELETE = "delete"
    WAIT = "watch until it ends, then delete"


class RecoverAction(Enum):
    """The action of `tapgen recover` in a status."""

    NOTHING = "nothing to recover"
    WAIT = "watch until it ends, then check again"
    DELETE = "delete what is left"
    CONTINUE = "continue the rollback"
    ROLL_BACK = "roll back"
    BY_HAND = "report that AWS has no operation for it"


class Actions(NamedTuple):
    """The action of each command in a status."""

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
    # The empty stack of a change set that was never executed.
    "REVIEW_IN_PROGRESS": Actions(DeployAction.CREATE, DestroyAction.DELETE, RecoverAction.DELETE),
    "CREATE_COMPLETE": _STABLE,
    "UPDATE_COMPLETE": _STABLE,
    "UPDATE_ROLLBACK_COMPLETE": _STABLE,
    "IMPORT_COMPLETE": _STABLE,
    "IMPORT_ROLLBACK_COMPLETE": _STABLE,
    "ROLLBACK_COMPLETE": _REMAINS,
    "ROLLBACK_FAILED": _REMAINS,
    # These two occur if rollback is switched off.
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

# The operation succeeded.
SUCCEEDED: Final = frozenset(
    {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "DELETE_COMPLETE"}
)
# The operation succeeded, and the stack exists.
DEPLOYED: Final = SUCCEEDED - {"DELETE_COMPLETE"}
# No operation is in progress, and the stack is as it was deployed; after a rolled back update or
# import, as it was deployed before.
HEALTHY: Final = frozenset(
    status for status, actions in ACTIONS.items() if actions.deploy is DeployAction.UPDATE
)
# An intended rollback succeeded.
ROLLED_BACK: Final = frozenset({"ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"})
# The statuses in which CloudFormation detects drift, according to its user guide.
DRIFT_DETECTABLE: Final = frozenset(
    {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED"}
)


def actions_for(status: str) -> Actions:
    """The table's row; for an unknown status, a row that changes nothing."""
    return ACTIONS.get(status, _MOVING if in_progress(status) else _BY_HAND)


def in_progress(status: str) -> bool:
    """True if an operation is in progress; a stack in review waits for its change set instead."""
    return status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS"


def usable(status: str) -> bool:
    """True if the stack's outputs can be relied on."""
    return status in HEALTHY


def never_made(status: str) -> bool:
    """True if a deployment creates the stack instead of updating it."""
    return actions_for(status).deploy in {DeployAction.CREATE, DeployAction.RECREATE}
