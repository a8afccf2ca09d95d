"""Errors of missing permissions: which permission is missing, and how to get it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

# "403" is the code of S3's response to HEAD, which has no body.
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
    """Whether the caller lacks a permission."""
    return str(error.response.get("Error", {}).get("Code", "")) in _CODES


def advice(error: ClientError) -> str:
    """The missing permission, from AWS's message or else from tapgen's table, and what to do."""
    from tapgen.model.aws_calls import CALLS

    message = str(error.response.get("Error", {}).get("Message", ""))
    if found := _NAMED.search(message):
        missing = found[1]
    else:
        calls = (call for call in CALLS if call.operation == error.operation_name)
        missing = " or ".join(sorted({action for call in calls for action in call.actions}))
    lacking = f"The credentials in use lack this permission{missing and f': {missing}'}."
    return (
        f"{lacking} `tapgen iam-policy --env NAME` writes the policies needed to deploy, with "
        "`--for review` those needed to read; `tapgen bootstrap --env NAME` creates roles that "
        "have them."
    )
