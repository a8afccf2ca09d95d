"""The role with which API Gateway writes the execution logs of an account's APIs in a region.

All APIs share it; the last one set counts (API Gateway REST API reference, Account).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from botocore.exceptions import ClientError

from tapgen.aws.errors import code_of, explained
from tapgen.aws.permission import lacks_permission
from tapgen.aws.resources.retained import Region
from tapgen.aws.resources.tags import pairs

_GONE: Final = "NoSuchEntity"


@dataclass(frozen=True)
class LoggingRole:
    """The role that is set; `exists` is None if the credentials may not read it."""

    arn: str
    exists: bool | None
    tags: Mapping[str, str] = field(default_factory=dict)


def logging_role(region: Region) -> LoggingRole | None:
    """The role that is set in the account and region; None if there is none.

    Raises `TapgenError` if AWS does not answer.
    """
    with explained("reading API Gateway's settings of the account"):
        arn = region.client("apigateway").get_account().get("cloudwatchRoleArn")
        if not arn:
            return None
        try:
            found = region.client("iam").get_role(RoleName=arn.rpartition("/")[2])["Role"]
        except ClientError as error:
            if code_of(error) == _GONE:
                return LoggingRole(arn, exists=False)
            if lacks_permission(error):
                return LoggingRole(arn, exists=None)
            raise
    return LoggingRole(arn, exists=True, tags=pairs(found.get("Tags", [])))
