"""CodeDeploy applications and deployment groups, and aliases of functions that follow them.

If an alias has the update policy CodeDeployLambdaAliasUpdate, its update to another version creates
a deployment and waits for it (CloudFormation template reference, "UpdatePolicy attribute"). The
message of a failure is recorded, see `tapgen.local.services.codedeploy.shift`.

Two facts are not documented. A stack that is cancelled or deleted in the meantime stops the
deployment: the provider's schema of AWS::Lambda::Alias lists codedeploy:StopDeployment among the
permissions of an update. And a rollback is an update like any other, with its own deployment, so an
alias takes time again if another resource failed after it.
https://github.com/aws/serverless-application-model/issues/291 reports rollbacks of half an hour.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from botocore.exceptions import ClientError
from ministack.core.responses import get_account_id, get_region

from tapgen.local.caller import call
from tapgen.local.internals import update_policies
from tapgen.local.provisioner import Properties, Provisioned, Provisioner, tag_list

_SERVICE: Final = "codedeploy"
_PENDING: Final = frozenset({"Created", "Queued", "InProgress", "Ready", "Baking"})
_LOOK_SECONDS: Final = 0.05
_GROUP: Final = (
    "AlarmConfiguration",
    "AutoRollbackConfiguration",
    "DeploymentConfigName",
    "DeploymentStyle",
    "ServiceRoleArn",
    "TriggerConfigurations",
)


class HandlerError(Exception):
    """CloudFormation's message for a resource whose handler failed."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(
            f'Resource handler returned message: "{message}" (RequestToken: {uuid.uuid4()}, '
            f"HandlerErrorCode: {code})"
        )


def _create_application(properties: Properties) -> Provisioned:
    name = properties.get("ApplicationName") or f"application-{uuid.uuid4().hex[:12]}"
    _asked(
        "CreateApplication",
        applicationName=name,
        computePlatform=properties.get("ComputePlatform", "Server"),
        tags=tag_list(properties),
    )
    return name, {}


def _update_application(name: str, old: Properties, new: Properties) -> Provisioned:
    _retag(name, old, new)
    return name, {}


def _delete_application(name: str, _properties: Properties) -> None:
    call(_SERVICE, "DeleteApplication", applicationName=name)


def _create_group(properties: Properties) -> Provisioned:
    name = properties.get("DeploymentGroupName") or f"group-{uuid.uuid4().hex[:12]}"
    _asked(
        "CreateDeploymentGroup",
        applicationName=properties["ApplicationName"],
        deploymentGroupName=name,
        tags=tag_list(properties),
        **_settings(properties),
    )
    return name, {}


def _update_group(name: str, old: Properties, new: Properties) -> Provisioned:
    # Removed properties are switched off: the API keeps what is not sent.
    off: dict[str, Any] = {
        "alarmConfiguration": {"enabled": False, "alarms": []},
        "autoRollbackConfiguration": {"enabled": False, "events": []},
    }
    _asked(
        "UpdateDeploymentGroup",
        applicationName=new["ApplicationName"],
        currentDeploymentGroupName=name,
        **{**off, **_settings(new)},
    )
    _retag(f"{new['ApplicationName']}/{name}", old, new)
    return name, {}


def _delete_group(name: str, properties: Properties) -> None:
    application = properties["ApplicationName"]
    call(_SERVICE, "DeleteDeploymentGroup", applicationName=application, deploymentGroupName=name)


def _settings(properties: Properties) -> dict[str, Any]:
    """The properties in the API's spelling."""
    return {_api(name): _spelled(properties[name]) for name in _GROUP if name in properties}


def _spelled(value: Any) -> Any:
    if isinstance(value, dict):
        return {_api(name): _spelled(item) for name, item in value.items()}
    return [_spelled(item) for item in value] if isinstance(value, list) else value


def _api(name: str) -> str:
    return name[0].lower() + name[1:]


def _retag(path: str, old: Properties, new: Properties) -> None:
    kind = "deploymentgroup" if "/" in path else "application"
    arn = f"arn:aws:codedeploy:{get_region()}:{get_account_id()}:{kind}:{path}"
    kept = {tag["Key"] for tag in tag_list(new)}
    if gone := [tag["Key"] for tag in tag_list(old) if tag["Key"] not in kept]:
        call(_SERVICE, "UntagResource", ResourceArn=arn, TagKeys=gone)
    call(_SERVICE, "TagResource", ResourceArn=arn, Tags=tag_list(new))


def _asked(operation: str, **parameters: Any) -> Any:
    """Call CodeDeploy. A refusal fails the resource, with CloudFormation's message."""
    try:
        return call(_SERVICE, operation, **parameters)
    except ClientError as error:
        told = error.response["Error"]
        kind = "AlreadyExists" if "AlreadyExists" in told["Code"] else "InvalidRequest"
        raise HandlerError(
            f"{told['Message']} (Service: CodeDeploy, Status Code: 400, Request ID: "
            f"{uuid.uuid4()})",
            kind,
        ) from error


# --- aliases --------------------------------------------------------------------------------------


def _deploy(
    policy: Properties,
    old: Properties,
    new: Properties,
    alias_arn: str,
    given_up: Callable[[], bool],
) -> None:
    """Let CodeDeploy move an alias to another version, and wait for the end."""
    versions = [str(each["FunctionVersion"]) for each in (old, new)]
    if versions[0] == versions[1]:
        return
    function, alias = alias_arn.split(":")[-2:]
    properties = dict(
        zip(("CurrentVersion", "TargetVersion"), versions, strict=True), Name=function, Alias=alias
    )
    hooks = {name.removesuffix("Hook"): policy.get(name) for name in _HOOKS}
    content = {
        "version": 0.0,
        "Resources": [{function: {"Type": "AWS::Lambda::Function", "Properties": properties}}],
        "Hooks": [{name: hook} for name, hook in hooks.items() if hook],
    }
    made = _asked(
        "CreateDeployment",
        applicationName=policy["ApplicationName"],
        deploymentGroupName=policy["DeploymentGroupName"],
        revision={
            "revisionType": "AppSpecContent",
            "appSpecContent": {"content": json.dumps(content)},
        },
    )["deploymentId"]
    _wait(made, given_up)


_HOOKS: Final = ("BeforeAllowTrafficHook", "AfterAllowTrafficHook")


def _wait(deployment: str, given_up: Callable[[], bool]) -> None:
    stopped = False
    while (info := _info(deployment))["status"] in _PENDING:
        if given_up() and not stopped:
            stopped = True
            with suppress(ClientError):  # it has already ended
                call(_SERVICE, "StopDeployment", deploymentId=deployment, autoRollbackEnabled=True)
        time.sleep(_LOOK_SECONDS)
    if stopped and info["status"] != "Succeeded":
        raise RuntimeError("Resource update cancelled")
    if info["status"] != "Succeeded":
        message = info.get("errorInformation", {}).get("message", "")
        raise HandlerError(f"{deployment} failed. {message}", "InternalFailure")


def _info(deployment: str) -> dict[str, Any]:
    found: dict[str, Any] = call(_SERVICE, "GetDeployment", deploymentId=deployment)
    info: dict[str, Any] = found["deploymentInfo"]
    return info


def follow_policies() -> None:
    """Let CodeDeploy move aliases with the policy."""
    update_policies.follow("AWS::Lambda::Alias", "CodeDeployLambdaAliasUpdate", _deploy)


PROVISIONERS = (
    Provisioner(
        type="AWS::CodeDeploy::Application",
        create=_create_application,
        update=_update_application,
        delete=_delete_application,
        tags="Tags",
    ),
    Provisioner(
        type="AWS::CodeDeploy::DeploymentGroup",
        create=_create_group,
        update=_update_group,
        delete=_delete_group,
        tags="Tags",
    ),
)
