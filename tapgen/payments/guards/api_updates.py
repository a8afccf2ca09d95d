"""The guard of updates under way: AWS refuses to update an API while it applies another TLS to it.

That takes about 15 minutes (API Gateway guide, "How to change a security policy"). An update that
comes meanwhile would fail when half of the stack is changed. The guard asks API Gateway only when a
change set touches the API itself.
"""

from __future__ import annotations

from typing import Final

from tapgen.aws.resources.rest_apis import is_updating
from tapgen.deploy.guards.guard import Subject
from tapgen.errors import RefusedError

_API: Final = "AWS::ApiGateway::RestApi"


def check_api_updates(subject: Subject) -> tuple[str, ...]:
    """Raise `RefusedError` where an API is to be updated that AWS is still updating."""
    entry = subject.entry
    for change in entry.change_set.changes if entry else ():
        concerned = change.resource_type == _API and change.action == "Modify"
        if entry and concerned and change.physical_id:
            region = subject.target.region_of(entry.stack)
            if is_updating(region, change.physical_id):
                raise RefusedError(
                    f"the API {change.physical_id} is still being updated, and AWS takes no other "
                    "update meanwhile",
                    "Wait until its status is AVAILABLE, about 15 minutes after a change of TLS, "
                    "and repeat the command.",
                )
    return ()
