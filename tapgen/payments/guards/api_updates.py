"""The guard of updates under way: AWS refuses to update an API while it applies another TLS to it.

That takes about 15 minutes (API Gateway guide, "How to change a security policy"). An update that
comes meanwhile would fail when half of the stack is changed, so it is waited for. The guard asks
API Gateway only when a change set touches the API itself.
"""

from __future__ import annotations

from typing import Final

from tapgen.aws.resources.rest_apis import at_work_on
from tapgen.deploy.guards.guard import Subject, UnderWay

_API: Final = "AWS::ApiGateway::RestApi"
# Twice what the guide says.
_SECONDS: Final = 30 * 60.0


def api_update(subject: Subject) -> UnderWay | None:
    """The update of an API that AWS is at, where the change set changes that API too."""
    entry = subject.entry
    for change in entry.change_set.changes if entry else ():
        concerned = change.resource_type == _API and change.action == "Modify"
        if entry and concerned and change.physical_id:
            api, region = change.physical_id, subject.target.region_of(entry.stack)
            if at_work_on(region, api):
                return UnderWay(
                    f"the update of the API {api} that AWS is at",
                    _SECONDS,
                    f"`{region.cli(f'apigateway get-rest-api --rest-api-id {api}')}` says how far "
                    "it is: wait until its apiStatus is AVAILABLE.",
                )
    return None
