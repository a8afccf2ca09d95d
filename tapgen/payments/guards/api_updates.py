"""The guard of updates in progress: AWS rejects updates of an API while its TLS policy changes.

That takes about 15 minutes (API Gateway guide, "How to change a security policy"). An update in the
meantime would fail with half of the stack changed, so tapgen waits. The guard calls API Gateway
only if a change set changes the API itself.
"""

from __future__ import annotations

from typing import Final

from tapgen.aws.resources.rest_apis import at_work_on
from tapgen.deploy.guards.guard import Subject, UnderWay

_API: Final = "AWS::ApiGateway::RestApi"
# Twice the duration in the guide.
_SECONDS: Final = 30 * 60.0


def api_update(subject: Subject) -> UnderWay | None:
    """An API's update in progress, if the change set also changes that API."""
    entry = subject.entry
    for change in entry.change_set.changes if entry else ():
        concerned = change.resource_type == _API and change.action == "Modify"
        if entry and concerned and change.physical_id:
            api, region = change.physical_id, subject.target.region_of(entry.stack)
            if at_work_on(region, api):
                return UnderWay(
                    f"the update of the API {api} that is in progress",
                    _SECONDS,
                    f"`{region.cli(f'apigateway get-rest-api --rest-api-id {api}')}` shows its "
                    "apiStatus: wait until it is AVAILABLE.",
                )
    return None
