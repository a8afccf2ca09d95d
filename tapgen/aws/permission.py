"""When AWS says that somebody may not: which permission is missing, and how to get it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

# "403" is what S3 answers to HEAD, without a body.
_CODES: Final = frozenset(
    {
        "403",
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "UnauthorizedOperation",
    }
)
_NAMED: Final = re.compile(r"to perform:? ([a-z0-9-]+:[A-Za-z]+)")


def lacks_permission(error: ClientError) -> bool:
    """Whether the caller may not do what was asked."""
    return str(error.response.get("Error", {}).get("Code", "")) in _CODES


def advice(error: ClientError) -> str:
    """What is missing, by AWS's own words or else by tapgen's table, and what to do."""
    from tapgen.model.aws_calls import CALLS

    message = str(error.response.get("Error", {}).get("Message", ""))
    if found := _NAMED.search(message):
        missing = found[1]
    else:
        calls = (call for call in CALLS if call.operation == error.operation_name)
        missing = " or ".join(sorted({action for call in calls for action in call.actions}))
    lacking = f"The credentials in use lack this permission{missing and f': {missing}'}."
    return (
        f"{lacking} `tapgen iam-policy --env NAME` writes the policies that deploying takes, with "
        "`--for review` those for what changes nothing; `tapgen bootstrap --env NAME` makes roles "
        "that have them."
    )
