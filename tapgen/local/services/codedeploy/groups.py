"""Applications, deployment groups and deployment configurations, with CodeDeploy's checks.

Errors are those of the CodeDeploy API reference, CreateApplication and CreateDeploymentGroup. The
message for a role is from users of CloudFormation (https://github.com/go-to-k/cdkd, tests of
retryable errors). AWS's message for the style is not known.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError
from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region

from tapgen.local.caller import call
from tapgen.local.services.json_service import ServiceError

PLATFORM: Final = "Lambda"
_STYLE: Final = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
_SERVICE: Final = "codedeploy.amazonaws.com"
_ALARMS: Final = 10  # "A maximum of 10 alarms can be added" (AlarmConfiguration)
_EVENTS: Final = frozenset(
    {"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"}
)
_KEPT: Final = ("alarmConfiguration", "autoRollbackConfiguration", "triggerConfigurations")

applications = AccountRegionScopedDict()
groups = AccountRegionScopedDict()
"""By application and name."""
_tags = AccountRegionScopedDict()


@dataclass(frozen=True, slots=True)
class Routing:
    """How traffic is shifted: `percent` of it every `minutes`, or once, and then all of it."""

    kind: str
    percent: int = 100
    minutes: int = 0

    def weights(self) -> Iterator[float]:
        """The shares of the new version before it has all traffic, one for each step."""
        if self.kind == "TimeBasedCanary":
            yield self.percent / 100
        elif self.kind == "TimeBasedLinear":
            yield from (share / 100 for share in range(self.percent, 100, self.percent))

    def told(self) -> dict[str, Any]:
        member = {"TimeBasedCanary": "canary", "TimeBasedLinear": "linear"}.get(self.kind)
        if member is None:
            return {"type": self.kind}
        values = {f"{member}Percentage": self.percent, f"{member}Interval": self.minutes}
        return {"type": self.kind, f"timeBased{member.title()}": values}


# CodeDeploy user guide, "Predefined deployment configurations for an AWS Lambda compute platform".
CONFIGURATIONS: Final = {
    "CodeDeployDefault.LambdaAllAtOnce": Routing("AllAtOnce"),
    **{
        f"CodeDeployDefault.LambdaCanary10Percent{minutes}Minutes": Routing(
            "TimeBasedCanary", 10, minutes
        )
        for minutes in (5, 10, 15, 30)
    },
    **{
        f"CodeDeployDefault.LambdaLinear10PercentEvery{minutes}Minute{'s' * (minutes > 1)}": (
            Routing("TimeBasedLinear", 10, minutes)
        )
        for minutes in (1, 2, 3, 10)
    },
}


def create_application(request: dict[str, Any]) -> dict[str, Any]:
    name = request.get("applicationName", "")
    if name in applications:
        raise ServiceError(
            "ApplicationAlreadyExistsException", f"Application already exists: {name}"
        )
    platform = request.get("computePlatform", "Server")
    if platform != PLATFORM:
        raise ServiceError(
            "InvalidComputePlatformException", f"{platform} is not served locally, only {PLATFORM}."
        )
    applications[name] = {
        "applicationId": str(uuid.uuid4()),
        "applicationName": name,
        "createTime": time.time(),
        "linkedToGitHub": False,
        "computePlatform": platform,
    }
    _tags[_arn(name)] = _pairs(request.get("tags", []))
    return {"applicationId": applications[name]["applicationId"]}


def application(name: str) -> dict[str, Any]:
    if name not in applications:
        raise ServiceError(
            "ApplicationDoesNotExistException", f"No application found for name: {name}"
        )
    found: dict[str, Any] = applications[name]
    return found


def delete_application(request: dict[str, Any]) -> dict[str, Any]:
    """Delete an application with its groups. A missing one is not an error."""
    name = request["applicationName"]
    applications.pop(name, None)
    for key in [key for key in groups if key[0] == name]:
        del groups[key]
    return {}


def create_group(request: dict[str, Any]) -> dict[str, Any]:
    app, name = request["applicationName"], request["deploymentGroupName"]
    application(app)
    if (app, name) in groups:
        raise ServiceError(
            "DeploymentGroupAlreadyExistsException", f"Deployment group name already exists: {name}"
        )
    made = {
        "applicationName": app,
        "deploymentGroupId": str(uuid.uuid4()),
        "deploymentGroupName": name,
        "deploymentConfigName": "CodeDeployDefault.OneAtATime",
        "serviceRoleArn": request.get("serviceRoleArn", ""),
        "deploymentStyle": {
            "deploymentType": "IN_PLACE",
            "deploymentOption": "WITHOUT_TRAFFIC_CONTROL",
        },
        "computePlatform": PLATFORM,
        **_given(request),
    }
    _check(made)
    groups[app, name] = made
    _tags[_arn(f"{app}/{name}")] = _pairs(request.get("tags", []))
    return {"deploymentGroupId": made["deploymentGroupId"]}


def update_group(request: dict[str, Any]) -> dict[str, Any]:
    before = group(request["applicationName"], request["currentDeploymentGroupName"])
    name = request.get("newDeploymentGroupName", before["deploymentGroupName"])
    after = {**before, **_given(request), "deploymentGroupName": name}
    _check(after)
    del groups[before["applicationName"], before["deploymentGroupName"]]
    groups[before["applicationName"], name] = after
    return {}


def group(app: str, name: str) -> dict[str, Any]:
    application(app)
    if (app, name) not in groups:
        raise ServiceError(
            "DeploymentGroupDoesNotExistException", f"No Deployment Group found for name: {name}"
        )
    found: dict[str, Any] = groups[app, name]
    return found


def delete_group(request: dict[str, Any]) -> dict[str, Any]:
    groups.pop((request["applicationName"], request["deploymentGroupName"]), None)
    return {}


def configuration(name: str) -> Routing:
    if name not in CONFIGURATIONS:
        raise ServiceError(
            "DeploymentConfigDoesNotExistException",
            f"No Deployment Configuration found for name: {name}",
        )
    return CONFIGURATIONS[name]


def get_configuration(request: dict[str, Any]) -> dict[str, Any]:
    name = request["deploymentConfigName"]
    routing = configuration(name)
    return {
        "deploymentConfigInfo": {
            "deploymentConfigId": str(uuid.uuid5(uuid.NAMESPACE_DNS, name)),
            "deploymentConfigName": name,
            "createTime": 0,
            "computePlatform": PLATFORM,
            "trafficRoutingConfig": routing.told(),
        }
    }


def check_alarms(told: dict[str, Any] | None) -> None:
    """Refuse what CodeDeploy's API reference lists under InvalidAlarmConfigException."""
    if told is None:
        return
    names = [alarm.get("name", "") for alarm in told.get("alarms", [])]
    if len(names) > _ALARMS:
        raise ServiceError(
            "AlarmsLimitExceededException",
            f"The maximum number of alarms for a deployment group ({_ALARMS}) was exceeded.",
        )
    if len({*names}) < len(names) or not all(names) or (told.get("enabled") and not names):
        raise ServiceError(
            "InvalidAlarmConfigException", "The format of the alarm configuration is invalid."
        )


def tags_of(request: dict[str, Any]) -> dict[str, Any]:
    found = _tagged(request["ResourceArn"])
    return {"Tags": [{"Key": key, "Value": value} for key, value in found.items()]}


def tag(request: dict[str, Any]) -> dict[str, Any]:
    _tagged(request["ResourceArn"]).update(_pairs(request["Tags"]))
    return {}


def untag(request: dict[str, Any]) -> dict[str, Any]:
    for key in request["TagKeys"]:
        _tagged(request["ResourceArn"]).pop(key, None)
    return {}


def clear() -> None:
    for store in (applications, groups, _tags):
        store.clear()


def _given(request: dict[str, Any]) -> dict[str, Any]:
    names = ("deploymentConfigName", "serviceRoleArn", "deploymentStyle", *_KEPT)
    return {name: request[name] for name in names if name in request}


def _check(group: dict[str, Any]) -> None:
    configuration(group["deploymentConfigName"])
    if group["deploymentStyle"] != _STYLE:
        raise ServiceError(
            "InvalidDeploymentStyleException",
            "A deployment group for Lambda needs the deployment type BLUE_GREEN and the deployment "
            "option WITH_TRAFFIC_CONTROL.",
        )
    check_alarms(group.get("alarmConfiguration"))
    events = (group.get("autoRollbackConfiguration") or {}).get("events", [])
    if not _EVENTS.issuperset(events):
        raise ServiceError(
            "InvalidAutoRollbackConfigException",
            "The automatic rollback configuration was specified in an invalid format.",
        )
    if not _assumable(group["serviceRoleArn"]):
        raise ServiceError(
            "InvalidRoleException",
            "AWS CodeDeploy does not have the permissions required to assume the role "
            f"{group['serviceRoleArn']}.",
        )


def _assumable(role: str) -> bool:
    """Whether a role exists and trusts CodeDeploy."""
    try:
        found = call("iam", "GetRole", RoleName=role.rpartition("/")[2])["Role"]
    except ClientError:
        return False
    return bool(found["Arn"] == role) and _SERVICE in str(found["AssumeRolePolicyDocument"])


def _arn(path: str) -> str:
    kind = "deploymentgroup" if "/" in path else "application"
    return f"arn:aws:codedeploy:{get_region()}:{get_account_id()}:{kind}:{path}"


def _tagged(arn: str) -> dict[str, str]:
    path = re.sub(r"^.*:(application|deploymentgroup):", "", arn)
    if path in applications or tuple(path.split("/", 1)) in groups:
        found: dict[str, str] = _tags[arn]
        return found
    raise ServiceError("InvalidArnException", f"The specified ARN is not valid: {arn}")


def _pairs(tags: list[dict[str, str]]) -> dict[str, str]:
    return {one["Key"]: one["Value"] for one in tags}
