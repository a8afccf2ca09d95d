"""Applications and deployment groups of CodeDeploy, for functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tapgen.aws.readers.values import Properties, capitalised, tags
from tapgen.aws.resources.retained import Region

_SAME: Final = (
    "AlarmConfiguration",
    "ApplicationName",
    "AutoRollbackConfiguration",
    "DeploymentConfigName",
    "DeploymentGroupName",
    "DeploymentStyle",
    "ServiceRoleArn",
)


def application(region: Region, name: str, declared: Mapping[str, Any]) -> Properties:
    found = region.client("codedeploy").get_application(applicationName=name)["application"]
    return {
        "ApplicationName": found["applicationName"],
        "ComputePlatform": found["computePlatform"],
        "Tags": _tags(region, f"application:{name}", declared),
    }


def deployment_group(region: Region, _: str, declared: Mapping[str, Any]) -> Properties:
    """The physical id is only the group's name, without its application."""
    application, name = declared["ApplicationName"], declared["DeploymentGroupName"]
    answer = region.client("codedeploy").get_deployment_group(
        applicationName=application, deploymentGroupName=name
    )
    found = capitalised(answer["deploymentGroupInfo"])
    return {
        **{key: found[key] for key in _SAME if key in found},
        "Tags": _tags(region, f"deploymentgroup:{application}/{name}", declared),
    }


def _tags(region: Region, resource: str, declared: Mapping[str, Any]) -> list[dict[str, str]]:
    place = f"{region.name}:{region.account.account_id}"
    arn = f"arn:aws:codedeploy:{place}:{resource}"
    found = region.client("codedeploy").list_tags_for_resource(ResourceArn=arn)["Tags"]
    return tags({tag["Key"]: tag["Value"] for tag in found}, declared)
