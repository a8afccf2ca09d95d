"""Functions: whether they are ready to be called, and how CodeDeploy shifts their aliases."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from botocore.exceptions import ClientError

from tapgen.aws.errors import code_of, explained
from tapgen.aws.resources.retained import Region

ACTIVE = "Active"
# CodeDeploy API reference, ErrorInformation.
_ALARMED: Final = "ALARM_ACTIVE"


def function_state(region: Region, function: str) -> str | None:
    """The state of a function, by the ARN of an alias: Active, Inactive, Pending or Failed.

    None if there is no such function or alias.
    """
    with explained(f"reading the state of {function}"):
        try:
            found = region.client("lambda").get_function_configuration(FunctionName=function)
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return None
            raise
        return str(found.get("State", ACTIVE))


@dataclass(frozen=True)
class Deployment:
    """A deployment of CodeDeploy, which shifts an alias: its id, its status, and its error if any.

    `alarmed` is whether an alarm stopped it. `target` is the version that the alias was to get, ""
    if unknown.
    """

    id: str
    status: str
    message: str
    alarmed: bool
    target: str = ""


def last_deployment(
    region: Region, application: str, group: str, since: datetime | None
) -> Deployment | None:
    """The last deployment of a group that failed or was stopped; None if there is none.

    If `since` is given, only a deployment that started after it.
    """
    client = region.client("codedeploy")
    with explained(f"reading the deployments of {group}"):
        found = client.list_deployments(
            applicationName=application,
            deploymentGroupName=group,
            includeOnlyStatuses=["Failed", "Stopped"],
            **({"createTimeRange": {"start": since}} if since else {}),
        )["deployments"]
        if not found:
            return None
        # The newest comes first.
        about = client.get_deployment(deploymentId=found[0])["deploymentInfo"]
    error = about.get("errorInformation", {})
    return Deployment(
        about["deploymentId"],
        about["status"],
        error.get("message", ""),
        error.get("code") == _ALARMED,
        _target(about.get("revision", {})),
    )


def _target(revision: Mapping[str, Any]) -> str:
    """The target version in an AppSpec; "" if it cannot be read.

    CodeDeploy user guide, "AppSpec 'resources' section": YAML or JSON, the latter from
    CloudFormation.
    """
    content = (revision.get("appSpecContent") or revision.get("string") or {}).get("content", "")
    with suppress(ValueError, LookupError, TypeError, AttributeError):
        (declared,) = json.loads(content)["Resources"][0].values()
        return str(declared["Properties"]["TargetVersion"])
    return ""


def ringing(region: Region, alarms: Collection[str]) -> dict[str, str]:
    """Those of the alarms (names) that are in ALARM, each with CloudWatch's reason."""
    if not alarms:
        return {}
    with explained(f"reading the alarms {', '.join(alarms)}"):
        found = region.client("cloudwatch").describe_alarms(
            AlarmNames=[*alarms], StateValue="ALARM"
        )
    return {one["AlarmName"]: one.get("StateReason", "") for one in found.get("MetricAlarms", ())}


def weights(region: Region, function: str, alias: str) -> tuple[str, dict[str, float]]:
    """The version of an alias, and the shares (0 to 1) that other versions get of its calls."""
    with explained(f"reading the alias {alias} of {function}"):
        found = region.client("lambda").get_alias(FunctionName=function, Name=alias)
    shares = found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    return str(found["FunctionVersion"]), dict(shares)
