"""The steps of a deployment: call its hooks, move the alias, watch alarms, roll back.

The alias stays at its version, with a weight for the new one. An alarm stops the deployment, and
another deployment moves the alias back without calling the hooks again. An alarm that is already in
ALARM stops it before anything is moved. Recorded from AWS on 2026-08-08:
https://github.com/josefloressv/aws-devops-engineer/blob/bd7c90acf9e51c0dd16331d74af086863cf038f5/scenarios/domain-1-sdlc/sam-canary-alarm-rollback/README.md
"""

from __future__ import annotations

import contextvars
import json
import logging
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any, Final

from botocore.exceptions import ClientError

from tapgen.local import minutes
from tapgen.local.caller import call
from tapgen.local.services.codedeploy import deployments, groups
from tapgen.local.services.codedeploy.deployments import AFTER, BEFORE, SHIFT, Deployment, Move

_LOG: Final = logging.getLogger(__name__)
_LOOK_SECONDS: Final = 0.1
HOOK_MINUTES: Final = 60
"""The time limit of a hook (CodeDeploy user guide, "AppSpec 'hooks' section")."""
_INVALID: Final = (
    "The deployment failed because the AppSpec file that specifies the AWS Lambda deployment "
    "configuration is missing or has an invalid configuration."
)

_FORBIDDEN: Final = (
    "The IAM role {role} does not give you permission to perform operations in the following AWS "
    "service: AWSLambda. Contact your AWS administrator if you need help. If you are an AWS "
    "administrator, you can grant permissions to your users or groups by creating IAM policies."
)

_held: Callable[[], list[str]] = list
_asks_roles = False


class EndedError(Exception):
    """A deployment stops. `event` is the event for which a group may roll back."""

    def __init__(self, status: str, code: str, message: str, event: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.event = event


def hold(functions: Callable[[], list[str]]) -> None:
    """Keep the shifts of the functions in `functions()` at their first step."""
    global _held  # noqa: PLW0603 - one server per process
    _held = functions


def ask_roles() -> None:
    """Limit a deployment to the permissions of its group's role."""
    global _asks_roles  # noqa: PLW0603 - one server per process
    _asks_roles = True


def begin(deployment: Deployment) -> None:
    """Run it in a thread, in the account and region of the caller."""
    run = contextvars.copy_context().run
    threading.Thread(target=run, args=(_carry_out, deployment), daemon=True).start()


def _carry_out(deployment: Deployment) -> None:
    try:
        _check(deployment)
        deployment.info |= {"status": "InProgress", "startTime": time.time()}
        _look(deployment)
        _ask(deployment, BEFORE)
        _shift(deployment)
        _ask(deployment, AFTER)
    except EndedError as ended:
        _give_up(deployment, ended)
    except ClientError as error:
        _give_up(deployment, _failed("INVALID_LAMBDA_FUNCTION", str(error)))
    except Exception as error:  # noqa: BLE001 - a stack waits for the end
        _LOG.exception("deployment %s broke off", deployment.id)
        deployment.end("Failed", "INTERNAL_ERROR", str(error))
    else:
        deployment.end("Succeeded")


def _give_up(deployment: Deployment, ended: EndedError) -> None:
    _go_back(deployment, ended)
    deployment.end(ended.status, ended.code, ended.message)


def _failed(code: str, message: str) -> EndedError:
    return EndedError("Failed", code, message, "DEPLOYMENT_FAILURE")


def _check(deployment: Deployment) -> None:
    """Refuse an alias that is at a different version.

    The message is from https://github.com/aws/serverless-application-model/issues/291, that for a
    move to its current version from
    https://github.com/terraform-aws-modules/terraform-aws-lambda/issues/82.
    """
    move = deployment.move
    if move.current == move.target:
        raise _failed("INVALID_LAMBDA_CONFIGURATION", _INVALID)
    _may(deployment, "lambda:GetAlias", move.function)
    _may(deployment, "lambda:UpdateAlias", move.function)
    try:
        alias = call("lambda", "GetAlias", FunctionName=move.function, Name=move.alias)
        call(
            "lambda", "GetFunctionConfiguration", FunctionName=move.function, Qualifier=move.target
        )
    except ClientError as error:
        raise _failed("INVALID_LAMBDA_FUNCTION", str(error)) from error
    if alias["FunctionVersion"] != move.current:
        raise _failed(
            "INVALID_LAMBDA_CONFIGURATION",
            f"{_INVALID} The Lambda function alias version does not match the current version in "
            "AppSpec file.",
        )


def _may(deployment: Deployment, action: str, function: str) -> None:
    """Fail if the group's role does not allow this on a function.

    The message is from https://github.com/terraform-aws-modules/terraform-aws-lambda/issues/77: the
    managed policy AWSCodeDeployRoleForLambda allows hooks whose name starts with "CodeDeployHook_".
    """
    if not _asks_roles:
        return
    arn = call("lambda", "GetFunctionConfiguration", FunctionName=function)["FunctionArn"]
    if not _allowed(deployment, action, arn):
        role = deployment.group.get("serviceRoleArn")
        raise _failed("IAM_ROLE_PERMISSIONS", _FORBIDDEN.format(role=role))


def _allowed(deployment: Deployment, action: str, arn: str) -> bool:
    asked = call(
        "iam",
        "SimulatePrincipalPolicy",
        PolicySourceArn=deployment.group.get("serviceRoleArn", ""),
        ActionNames=[action],
        ResourceArns=[arn],
    )
    return bool(asked["EvaluationResults"][0]["EvalDecision"] == "allowed")


def _look(deployment: Deployment) -> None:
    """Stop if this was requested, or an alarm is in ALARM."""
    if deployment.stop.is_set():
        raise EndedError(
            "Stopped",
            "MANUAL_STOP",
            "The deployment was stopped by a user.",
            "DEPLOYMENT_STOP_ON_REQUEST",
        )
    told = deployment.alarms
    if not told.get("enabled"):
        return
    names = [alarm["name"] for alarm in told["alarms"]]
    described = _described(names) if _sees_alarms(deployment) else {}
    states = {
        alarm["AlarmName"]: alarm["StateValue"] for kind in described.values() for alarm in kind
    }
    if ringing := [name for name in names if states.get(name) == "ALARM"]:
        raise _stopped_by_alarms(
            "One or more alarms have been activated according to the Amazon CloudWatch metrics you "
            "selected, and the affected deployments have been stopped. Activated alarms: "
            + " ".join(f"<{name}>" for name in ringing)
        )
    if (unknown := [name for name in names if name not in states]) and not told.get(
        "ignorePollAlarmFailure"
    ):
        # "The deployment stops if alarm status information can't be retrieved" (AlarmConfiguration
        # in the API reference). Its message is not known.
        raise _stopped_by_alarms(
            f"The state of one or more alarms could not be retrieved: {' '.join(unknown)}"
        )


def _described(names: list[str]) -> dict[str, Any]:
    kinds = ["MetricAlarm", "CompositeAlarm"]
    told = call("cloudwatch", "DescribeAlarms", AlarmNames=names, AlarmTypes=kinds)
    return {f"{kind}s": told[f"{kind}s"] for kind in kinds}


def _sees_alarms(deployment: Deployment) -> bool:
    return not _asks_roles or _allowed(deployment, "cloudwatch:DescribeAlarms", "*")


def _stopped_by_alarms(message: str) -> EndedError:
    return EndedError("Stopped", "ALARM_ACTIVE", message, "DEPLOYMENT_STOP_ON_ALARM")


def _pause(deployment: Deployment, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        _look(deployment)
        time.sleep(_LOOK_SECONDS)


def _ask(deployment: Deployment, name: str) -> None:
    """Call the event's hook, if it has one, and wait for its status.

    The return value of the function does not matter, and one that fails is waited for
    (https://github.com/davidgf/serverless-plugin-canary-deployments/issues/93).
    """
    with _Event(deployment, name):
        function = deployment.move.hooks.get(name)
        if function is None:
            return
        execution = uuid.uuid4().hex
        deployment.answers[execution] = ""
        event = {"DeploymentId": deployment.id, "LifecycleEventHookExecutionId": execution}
        _call(deployment, function, json.dumps(event).encode())
        deadline = time.monotonic() + minutes.shortened(HOOK_MINUTES * 60)
        while not (answer := deployment.answers[execution]):
            if time.monotonic() > deadline:
                raise _hook_failed(
                    name, f"{function} did not answer within {HOOK_MINUTES} minutes."
                )
            _pause(deployment, _LOOK_SECONDS)
        if answer != "Succeeded":
            raise _hook_failed(name, f"{function} answered {answer}.")


def _call(deployment: Deployment, function: str, payload: bytes) -> None:
    try:
        _may(deployment, "lambda:InvokeFunction", function)
        call(
            "lambda",
            "Invoke",
            FunctionName=function,
            InvocationType="Event",
            Payload=payload,
        )
    except ClientError as error:
        raise _failed("INVALID_LAMBDA_FUNCTION", str(error)) from error


def _hook_failed(name: str, why: str) -> EndedError:
    """HOOK_EXECUTION_FAILURE is one of the API's error codes. The message is not AWS's."""
    return _failed("HOOK_EXECUTION_FAILURE", f"The lifecycle event {name} failed: {why}")


def _shift(deployment: Deployment) -> None:
    with _Event(deployment, SHIFT):
        routing = groups.configuration(deployment.info["deploymentConfigName"])
        for weight in routing.weights():
            _route(deployment, deployment.move.current, weight)
            while deployment.move.function in _held():
                _pause(deployment, _LOOK_SECONDS)
            _pause(deployment, minutes.shortened(routing.minutes * 60))
        _route(deployment, deployment.move.target, 1.0)


def _route(deployment: Deployment, version: str, weight: float) -> None:
    """Set the alias to a version, with a weight below 1.0 for the target."""
    move = deployment.move
    call(
        "lambda",
        "UpdateAlias",
        FunctionName=move.function,
        Name=move.alias,
        FunctionVersion=version,
        RoutingConfig={"AdditionalVersionWeights": {move.target: weight} if weight < 1 else {}},
    )
    deployment.weight = weight


class _Event:
    """One lifecycle event, from start to end."""

    def __init__(self, deployment: Deployment, name: str) -> None:
        self._event = deployment.events[name]

    def __enter__(self) -> None:
        self._event |= {"status": "InProgress", "startTime": time.time()}

    def __exit__(self, kind: object, *_error: object) -> None:
        status = "Succeeded" if kind is None else "Failed"
        self._event |= {"status": status, "endTime": time.time()}


def _go_back(deployment: Deployment, ended: EndedError) -> None:
    """Move the alias back with another deployment, if the group or the stop request says so."""
    configured = deployment.info.get("autoRollbackConfiguration") or {}
    wanted = configured.get("enabled") and ended.event in configured.get("events", ())
    if not wanted and not (deployment.stop.is_set() and deployment.rolls_back):
        return
    if deployments.known(deployment.id) is None:  # a reset has emptied the account
        return
    move = deployment.move
    back = deployments.made(
        deployment.info["applicationName"],
        deployment.info["deploymentGroupName"],
        Move(move.function, move.alias, current=move.target, target=move.current),
        creator="codeDeployRollback",
        deploymentConfigName="CodeDeployDefault.LambdaAllAtOnce",
    )
    back.info["rollbackInfo"] = {
        "rollbackTriggeringDeploymentId": deployment.id,
        "rollbackMessage": f"Deployment {back.id} is triggered to roll back deployment "
        f"{deployment.id}.",
    }
    deployment.info["rollbackInfo"] = {
        "rollbackDeploymentId": back.id,
        "rollbackMessage": f"Deployment {deployment.id} terminated. Automatic rollback is "
        f"triggered with a DeploymentId {back.id}.",
    }
    back.info |= {"status": "InProgress", "startTime": time.time()}
    try:
        _route(back, move.current, 1.0)
    except ClientError as error:
        back.end("Failed", "INVALID_LAMBDA_FUNCTION", str(error))
        return
    for event in back.events.values():
        event |= {"status": "Succeeded", "startTime": time.time(), "endTime": time.time()}
    back.end("Succeeded")
