"""CodeDeploy's API for deployments to Lambda."""

from __future__ import annotations

import json
from typing import Any, Final

from tapgen.local.internals.permissions import Request
from tapgen.local.services.codedeploy import deployments, groups, shift
from tapgen.local.services.codedeploy.deployments import ENDED, Deployment
from tapgen.local.services.json_service import JsonService, ServiceError


def _create_deployment(request: dict[str, Any]) -> dict[str, Any]:
    app, name = request["applicationName"], request.get("deploymentGroupName", "")
    group = groups.group(app, name)
    config = request.get("deploymentConfigName", group["deploymentConfigName"])
    groups.configuration(config)
    groups.check_alarms(request.get("overrideAlarmConfiguration"))
    move = deployments.read(request.get("revision") or {})
    if active := deployments.active(app, name):
        raise ServiceError(
            "DeploymentLimitExceededException",
            f"The Deployment Group '{name}' already has an active Deployment '{active.id}'",
        )
    kept = ("description", "overrideAlarmConfiguration", "revision")
    deployment = deployments.made(
        app,
        name,
        move,
        creator="user",
        deploymentConfigName=config,
        autoRollbackConfiguration=request.get("autoRollbackConfiguration")
        or group.get("autoRollbackConfiguration")
        or {"enabled": False, "events": []},
        **{key: request[key] for key in kept if key in request},
    )
    shift.begin(deployment)
    return {"deploymentId": deployment.id}


def _get_deployment(request: dict[str, Any]) -> dict[str, Any]:
    return {"deploymentInfo": _told(deployments.found(request["deploymentId"]))}


def _told(deployment: Deployment) -> dict[str, Any]:
    status = deployment.info["status"]
    overview = dict.fromkeys(
        ("Pending", "InProgress", "Succeeded", "Failed", "Skipped", "Ready"), 0
    )
    overview[{"Created": "Pending", "Stopped": "Failed"}.get(status, status)] = 1
    return {**deployment.info, "deploymentOverview": overview}


def _get_deployments(request: dict[str, Any]) -> dict[str, Any]:
    wanted = request["deploymentIds"]
    return {
        "deploymentsInfo": [_told(one) for one in deployments.newest_first() if one.id in wanted]
    }


def _list_deployments(request: dict[str, Any]) -> dict[str, Any]:
    app, group = request.get("applicationName"), request.get("deploymentGroupName")
    if app and group:
        groups.group(app, group)
    elif app:
        groups.application(app)
    wanted = {"applicationName": app, "deploymentGroupName": group}
    asked = {name: value for name, value in wanted.items() if value}
    statuses = request.get("includeOnlyStatuses") or ()
    return {
        "deployments": [
            one.id
            for one in deployments.newest_first()
            if asked.items() <= one.info.items()
            and (not statuses or one.info["status"] in statuses)
        ]
    }


def _stop(request: dict[str, Any]) -> dict[str, Any]:
    deployment = deployments.found(request["deploymentId"])
    if deployment.info["status"] in ENDED:
        raise ServiceError(
            "DeploymentAlreadyCompletedException",
            f"The deployment {deployment.id} is already completed",
        )
    deployment.rolls_back = bool(request.get("autoRollbackEnabled"))
    deployment.stop.set()
    return {"status": "Pending", "statusMessage": "Deployment is being stopped."}


def _list_targets(request: dict[str, Any]) -> dict[str, Any]:
    return {"targetIds": [deployments.target_id(deployments.found(request["deploymentId"]).move)]}


def _get_target(request: dict[str, Any]) -> dict[str, Any]:
    deployment = deployments.found(request["deploymentId"])
    if request.get("targetId") != deployments.target_id(deployment.move):
        raise ServiceError(
            "DeploymentTargetDoesNotExistException",
            f"The deployment {deployment.id} has no target {request.get('targetId')}",
        )
    return {"deploymentTarget": deployment.target()}


def _get_targets(request: dict[str, Any]) -> dict[str, Any]:
    deployment = deployments.found(request["deploymentId"])
    asked = deployments.target_id(deployment.move) in request["targetIds"]
    found = [deployment.target()] if asked else []
    return {"deploymentTargets": found}


def _put_status(request: dict[str, Any]) -> dict[str, Any]:
    deployment = deployments.found(request["deploymentId"])
    execution = request.get("lifecycleEventHookExecutionId", "")
    if request.get("status") not in {"Succeeded", "Failed"}:
        raise ServiceError(
            "InvalidLifecycleEventHookExecutionStatusException",
            "The result of a Lambda validation function that verifies a lifecycle event is "
            "invalid. It should return Succeeded or Failed.",
        )
    if execution not in deployment.answers:
        raise ServiceError(
            "InvalidLifecycleEventHookExecutionIdException",
            "A lifecycle event hook is invalid. Review the hooks section in your AppSpec file to "
            "ensure the lifecycle events and hooks functions are valid.",
        )
    if deployment.answers[execution] or deployment.info["status"] in ENDED:
        raise ServiceError(
            "LifecycleEventAlreadyCompletedException",
            "An attempt to return the status of an already completed lifecycle event occurred.",
        )
    deployment.answers[execution] = request["status"]
    return {"lifecycleEventHookExecutionId": execution}


# The resource of a request (service authorization reference, CodeDeploy): an application by its
# name, or a deployment group, which a deployment has as well. The status of a hook has no resource
# there, but AWS's own examples name the group
# (https://github.com/aws/serverless-application-model/blob/master/docs/safe_lambda_deployments.rst).
_OF_APPLICATIONS: Final = frozenset(
    {
        "CreateApplication",
        "DeleteApplication",
        "GetApplication",
        "ListDeploymentGroups",
    }
)
_OF_GROUPS: Final = frozenset(
    {
        "CreateDeployment",
        "CreateDeploymentGroup",
        "DeleteDeploymentGroup",
        "GetDeploymentGroup",
        "ListDeployments",
        "UpdateDeploymentGroup",
    }
)
_OF_DEPLOYMENTS: Final = frozenset({"GetDeployment", "PutLifecycleEventHookExecutionStatus"})


def resource(request: Request, found: str) -> str:
    """The ARN of a request's resource; for requests to other services, MiniStack's."""
    if request.service != "codedeploy":
        return found
    name = (request.action or "").partition(":")[2]
    fields = json.loads(request.body or b"{}")
    place = f"arn:aws:codedeploy:{request.region}:{request.account_id}"
    if name in _OF_DEPLOYMENTS and (one := deployments.known(fields.get("deploymentId", ""))):
        fields = one.info
    app = fields.get("applicationName", "*")
    if name in _OF_APPLICATIONS:
        return f"{place}:application:{app}"
    if name in _OF_GROUPS | _OF_DEPLOYMENTS:
        group = fields.get("deploymentGroupName") or fields.get("currentDeploymentGroupName", "*")
        return f"{place}:deploymentgroup:{app}/{group}"
    if name == "GetDeploymentConfig":
        return f"{place}:deploymentconfig:{fields.get('deploymentConfigName')}"
    return str(fields.get("ResourceArn", "*"))


def _clear() -> None:
    deployments.clear()
    groups.clear()


SERVICE = JsonService(
    operations={
        "CreateApplication": groups.create_application,
        "GetApplication": lambda request: {
            "application": groups.application(request["applicationName"])
        },
        "ListApplications": lambda _request: {"applications": sorted(groups.applications)},
        "DeleteApplication": groups.delete_application,
        "CreateDeploymentGroup": groups.create_group,
        "UpdateDeploymentGroup": groups.update_group,
        "GetDeploymentGroup": lambda request: {
            "deploymentGroupInfo": groups.group(
                request["applicationName"], request["deploymentGroupName"]
            )
        },
        "ListDeploymentGroups": lambda request: {
            "applicationName": request["applicationName"],
            "deploymentGroups": sorted(
                name for app, name in groups.groups if app == request["applicationName"]
            ),
        },
        "DeleteDeploymentGroup": groups.delete_group,
        "GetDeploymentConfig": groups.get_configuration,
        "ListDeploymentConfigs": lambda _request: {
            "deploymentConfigsList": [*groups.CONFIGURATIONS]
        },
        "CreateDeployment": _create_deployment,
        "GetDeployment": _get_deployment,
        "BatchGetDeployments": _get_deployments,
        "ListDeployments": _list_deployments,
        "StopDeployment": _stop,
        "ListDeploymentTargets": _list_targets,
        "GetDeploymentTarget": _get_target,
        "BatchGetDeploymentTargets": _get_targets,
        "PutLifecycleEventHookExecutionStatus": _put_status,
        "ListTagsForResource": groups.tags_of,
        "TagResource": groups.tag,
        "UntagResource": groups.untag,
    },
    clear=_clear,
    in_thread=True,
)
