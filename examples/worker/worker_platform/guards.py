"""Guards: they refuse a change before it is deployed. Each is a function and a line in `GUARDS`."""

from __future__ import annotations

from typing import Final

from tapgen.deploy.guards.guard import Guard, Subject
from tapgen.errors import RefusedError

_LAYER: Final = "database"
_SETTING: Final = "database.storage_gb"


def growing_storage(subject: Subject) -> tuple[str, ...]:
    """Refuse less storage than the database has: RDS cannot reduce it, so the update would fail.

    RDS user guide, "Modifying an Amazon RDS DB instance": storage can be increased only.
    """
    if _LAYER not in subject.layers:
        return ()
    stack = subject.target.stacks[_LAYER]
    parameter = stack.template.parameter_of(_SETTING) or ""
    there = (subject.target.describe(_LAYER).parameters or {}).get(parameter, "0")
    wanted = stack.parameters[parameter]
    if int(wanted) < int(there):
        raise RefusedError(
            f"{_SETTING} is {wanted}, but the database has {there} GiB, and RDS cannot reduce it",
            f"Set it to {there} or more. For less, restore a dump into a new database.",
        )
    return ()


GUARDS: Final = (Guard("growing storage", growing_storage),)
