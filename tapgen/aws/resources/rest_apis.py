"""REST APIs: whether AWS is still updating one."""

from __future__ import annotations

from typing import Final

from tapgen.aws.errors import explained
from tapgen.aws.resources.retained import Region

_AT_WORK: Final = frozenset({"PENDING", "UPDATING"})


def at_work_on(region: Region, api: str) -> bool:
    """Whether the API is being updated: a change of its TLS policy takes about 15 minutes."""
    with explained(f"reading the API {api}"):
        found = region.client("apigateway").get_rest_api(restApiId=api)
    return found.get("apiStatus") in _AT_WORK
