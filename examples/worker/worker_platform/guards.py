"""What is refused before it is deployed. A guard is a function and a line in `GUARDS`."""

from __future__ import annotations

from typing import Final

from tapgen.deploy.guards.guard import Guard, Subject
from tapgen.errors import RefusedError

_LAYER: Final = "database"
_SETTING: Final = "database.storage_gb"


def growing_storage(subject: Subject) -> tuple[str, ...]:
    """Refuse less storage than there is: RDS cannot take any away, and the update would fail.

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
            f"{_SETTING} is {wanted}, and the database has {there} GiB, which RDS takes none of",
            f"Set it to {there} or more. For less, restore a dump into a new database.",
        )
    return ()


GUARDS: Final = (Guard("growing storage", growing_storage),)
