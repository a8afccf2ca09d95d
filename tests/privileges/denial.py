"""Whether a call is denied to somebody who has all permissions but those of that call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from botocore import xform_name
from botocore.exceptions import ClientError

from tapgen.aws.errors import code_of, message_of

if TYPE_CHECKING:
    from tapgen.model.aws_calls import Call
    from tests.privileges.conftest import World
    from tests.privileges.recording import Recorded

# What services say for it; a HEAD request has no body, so no code either.
_DENIED: Final = re.compile(r"AccessDenied|^403$|UnauthorizedOperation|AuthorizationError")


def denied(world: World, user: str, call: Call, recorded: Recorded) -> str | None:
    """The error of the same call by `user` when it says that they may not; else None."""
    client = world.client(user, call.service, recorded.region)
    try:
        getattr(client, xform_name(call.operation))(**recorded.parameters)
    except ClientError as error:
        text = f"{code_of(error)}: {message_of(error)}"
        return text if _DENIED.search(code_of(error)) else None
    return None


def without(world: World, call: Call) -> dict[str, Any]:
    """The deployer's policies as one, without the actions of a call."""
    statements = []
    for policy in world.deployer:
        for one in policy.document["Statement"]:
            left = [action for action in one["Action"] if action not in call.actions]
            if left:
                statements.append({**one, "Action": left})
    return {"Version": "2012-10-17", "Statement": statements}
