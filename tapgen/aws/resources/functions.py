"""Whether functions are ready to be called."""

from __future__ import annotations

from tapgen.aws.errors import explained
from tapgen.aws.resources.retained import Region

ACTIVE = "Active"


def function_state(region: Region, function: str) -> str:
    """The state of a function, by the ARN of an alias: Active, Inactive, Pending or Failed."""
    with explained(f"reading the state of {function}"):
        found = region.client("lambda").get_function_configuration(FunctionName=function)
        return str(found.get("State", ACTIVE))
