"""rollout-check: calls new versions of the other functions before they receive calls.

CodeDeploy calls it before it moves an alias, and waits for its result. Its requests are those of
`tapgen verify` that use no data: health, and requests that must be refused.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from .problems import Kind
from .telemetry import LOGGER, log_failure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aws_lambda_powertools.utilities.typing import LambdaContext

# The variable with a version -> method, resource and status of each call.
_CALLS = {
    "PAYMENT_PROCESSOR_VERSION": (
        ("GET", "/health", 200),
        ("POST", "/transactions", Kind.INVALID_REQUEST.status),
        ("PUT", "/transactions", Kind.METHOD_NOT_ALLOWED.status),
        ("GET", "/nowhere", Kind.NOT_FOUND.status),
    ),
    "SESSION_MANAGER_VERSION": (
        ("GET", "/sessions", Kind.INVALID_REQUEST.status),
        ("DELETE", "/sessions", Kind.INVALID_REQUEST.status),
        ("GET", "/nowhere", Kind.NOT_FOUND.status),
    ),
}
# A published version is ready within seconds. One that has not been called for weeks has given back
# its network interface, and needs about a minute for a new one.
_READY = {"Delay": 2, "MaxAttempts": 60}
# A call is made once, because its first failure would have affected a caller.
_CONFIG = Config(connect_timeout=2.0, read_timeout=30.0, retries={"total_max_attempts": 1})
_VERSIONS = {name: os.environ[name] for name in _CALLS}
_LAMBDA: Any = boto3.client("lambda", config=_CONFIG)
_CODEDEPLOY: Any = boto3.client("codedeploy")


def handler(event: Mapping[str, Any], _context: LambdaContext) -> None:
    """Tell CodeDeploy whether the new versions may receive calls."""
    _CODEDEPLOY.put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status="Succeeded" if _are_fit() else "Failed",
    )


def _are_fit() -> bool:
    """Whether every response is as expected. Others are logged."""
    faults: list[str] = []
    for name, version in _VERSIONS.items():
        try:
            faults += _faults(version, _CALLS[name])
        except Exception as error:  # noqa: BLE001 - without a result, CodeDeploy waits an hour
            log_failure("A new version could not be checked", error)
            faults.append(f"{version} could not be called")
    if faults:
        LOGGER.error("A new version is rejected", faults=faults)
    else:
        LOGGER.info("The new versions respond as expected", versions=[*_VERSIONS.values()])
    return not faults


def _faults(version: str, calls: tuple[tuple[str, str, int], ...]) -> Iterator[str]:
    _wake(version)
    # By its full ARN, because the role may read versions, but not the function itself.
    waiter = _LAMBDA.get_waiter("published_version_active")
    waiter.wait(FunctionName=version, WaiterConfig=_READY)
    for method, resource, expected in calls:
        status = _status(version, method, resource)
        if status != expected:
            yield f"{version} returned {status} instead of {expected} for {method} {resource}"


def _wake(version: str) -> None:
    """Let Lambda prepare an inactive version; the call that makes it do so fails.

    Only one of the functions may have a new version, and the other may have been idle for weeks
    (Lambda developer guide, "Lambda function states").
    """
    if _LAMBDA.get_function_configuration(FunctionName=version)["State"] == "Inactive":
        with suppress(ClientError):
            _LAMBDA.invoke(FunctionName=version, Payload=b"{}")


def _status(version: str, method: str, resource: str) -> Any:
    """The status of a response, or the kind of error if the function failed."""
    event = {"httpMethod": method, "resource": resource, "path": resource}
    answer = _LAMBDA.invoke(FunctionName=version, Payload=json.dumps(event).encode())
    if "FunctionError" in answer:
        return f"an error ({answer['FunctionError']})"
    document = json.load(answer["Payload"])
    return document.get("statusCode") if isinstance(document, dict) else None
