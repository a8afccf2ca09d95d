"""The check of new versions, with Lambda and CodeDeploy as stubs that know the services' models."""

from __future__ import annotations

import io
import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from botocore.response import StreamingBody
from botocore.stub import ANY, Stubber

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

ARN = "arn:aws:lambda:us-east-1:800000000001:function"
PAYMENTS = f"{ARN}:payments-test-payment-processor:7"
SESSIONS = f"{ARN}:payments-test-session-manager:3"
EVENT = {"DeploymentId": "d-ABCDEF123", "LifecycleEventHookExecutionId": "hook-1"}
PAYING = [200, 400, 405, 404]
OPENING = [400, 400, 404]


class Versions:
    """What the new versions answer, one status after the other, and what CodeDeploy is told."""

    def __init__(self, module: ModuleType, code_deploy: Stubber, functions: Stubber) -> None:
        self.module = module
        self.code_deploy = code_deploy
        self.functions = functions

    def state(self, version: str, state: str) -> None:
        self.functions.add_response(
            "get_function_configuration", {"State": state}, {"FunctionName": version}
        )

    def ready(self, version: str) -> None:
        """It is asked whether it sleeps, and whether it is ready."""
        self.state(version, "Active")
        self.state(version, "Active")

    def answers(self, version: str, statuses: list[int]) -> None:
        self.ready(version)
        for status in statuses:
            self.invoked(version, {"statusCode": status})

    def invoked(self, version: str, answer: Any, **more: str) -> None:
        body = json.dumps(answer).encode()
        payload = StreamingBody(io.BytesIO(body), len(body))
        self.functions.add_response(
            "invoke",
            {"StatusCode": 200, "Payload": payload, **more},
            {"FunctionName": version, "Payload": ANY},
        )

    def verdict(self, status: str) -> None:
        """CodeDeploy is told, and nobody was asked anything else."""
        self.code_deploy.add_response(
            "put_lifecycle_event_hook_execution_status",
            {},
            {
                "deploymentId": "d-ABCDEF123",
                "lifecycleEventHookExecutionId": "hook-1",
                "status": status,
            },
        )
        self.module.handler(EVENT, None)
        self.code_deploy.assert_no_pending_responses()
        self.functions.assert_no_pending_responses()


@pytest.fixture
def versions(start: Callable[..., ModuleType]) -> Iterator[Versions]:
    module = start(
        "rollout_check", PAYMENT_PROCESSOR_VERSION=PAYMENTS, SESSION_MANAGER_VERSION=SESSIONS
    )
    with ExitStack() as stack:
        code_deploy, functions = (
            stack.enter_context(Stubber(client)) for client in (module._CODEDEPLOY, module._LAMBDA)
        )
        yield Versions(module, code_deploy, functions)


def test_versions_that_answer_as_they_have_to_may_be_met(
    versions: Versions, logs: Callable[[], str]
) -> None:
    versions.answers(PAYMENTS, PAYING)
    versions.answers(SESSIONS, OPENING)
    versions.verdict("Succeeded")
    assert PAYMENTS in logs()


def test_a_version_that_nobody_has_called_for_weeks_is_woken(
    versions: Versions, logs: Callable[[], str]
) -> None:
    versions.answers(PAYMENTS, PAYING)
    versions.state(SESSIONS, "Inactive")
    versions.functions.add_client_error("invoke", "ResourceConflictException", "is Pending")
    versions.state(SESSIONS, "Active")
    for status in OPENING:
        versions.invoked(SESSIONS, {"statusCode": status})
    versions.verdict("Succeeded")
    assert "The new versions respond as expected" in logs()


def test_one_wrong_answer_refuses_them(versions: Versions, logs: Callable[[], str]) -> None:
    versions.answers(PAYMENTS, PAYING)
    versions.answers(SESSIONS, [400, 500, 404])
    versions.verdict("Failed")
    assert f"{SESSIONS} returned 500 instead of 400 for DELETE /sessions" in logs()


def test_an_answer_that_is_none_refuses_them(versions: Versions, logs: Callable[[], str]) -> None:
    versions.ready(PAYMENTS)
    versions.invoked(PAYMENTS, {"errorMessage": "no module"}, FunctionError="Unhandled")
    versions.invoked(PAYMENTS, "text")
    for status in PAYING[2:]:
        versions.invoked(PAYMENTS, {"statusCode": status})
    versions.answers(SESSIONS, OPENING)
    versions.verdict("Failed")
    assert "returned an error (Unhandled) instead of 200 for GET /health" in logs()
    assert "returned None instead of 400 for POST /transactions" in logs()


def test_a_version_that_cannot_be_called_is_answered_for_too(
    versions: Versions, logs: Callable[[], str]
) -> None:
    versions.state(PAYMENTS, "Active")
    versions.functions.add_client_error("get_function_configuration", "AccessDeniedException")
    versions.answers(SESSIONS, OPENING)
    versions.verdict("Failed")
    assert f"{PAYMENTS} could not be called" in logs()
    assert "botocore.exceptions.WaiterError" in logs()
