"""Whether functions are ready to be called."""

from __future__ import annotations

from botocore.exceptions import ClientError

from tapgen.aws.errors import code_of, explained
from tapgen.aws.resources.retained import Region

ACTIVE = "Active"


def function_state(region: Region, function: str) -> str | None:
    """The state of a function, by the ARN of an alias: Active, Inactive, Pending or Failed.

    None where there is no such function or alias.
    """
    with explained(f"reading the state of {function}"):
        try:
            found = region.client("lambda").get_function_configuration(FunctionName=function)
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return None
            raise
        return str(found.get("State", ACTIVE))
