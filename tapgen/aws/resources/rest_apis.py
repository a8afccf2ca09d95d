"""REST APIs: whether AWS is still at work on one."""

from __future__ import annotations

from typing import Final

from tapgen.aws.errors import explained
from tapgen.aws.resources.retained import Region

_AT_WORK: Final = frozenset({"PENDING", "UPDATING"})


def at_work_on(region: Region, api: str) -> bool:
    """Whether an update of the API is under way: another TLS takes about a quarter of an hour."""
    with explained(f"looking at the API {api}"):
        found = region.client("apigateway").get_rest_api(restApiId=api)
    return found.get("apiStatus") in _AT_WORK
