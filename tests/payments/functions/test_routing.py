from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from tests.payments.functions.conftest import Api


def test_health_tells_the_version_and_needs_no_tables(
    start: Callable[..., ModuleType], payments: Api
) -> None:
    module = start(
        "payment_processor",
        TRANSACTIONS_TABLE="absent",
        IDEMPOTENCY_TABLE="absent",
        AWS_LAMBDA_FUNCTION_VERSION="7",
    )
    reply = type(payments)(module).send("GET", "/health")
    assert (reply.status, reply.document) == (200, {"status": "ok", "version": "7"})
    assert reply.headers == {"Cache-Control": "no-store", "Content-Type": "application/json"}


@pytest.mark.parametrize("resource", ["/", "/nope", "/sessions", "/{proxy+}", ""])
def test_an_unknown_path_is_a_404_problem(payments: Api, resource: str) -> None:
    reply = payments.send("GET", resource)
    assert reply.status == 404
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.document["type"].endswith("/not-found")


@pytest.mark.parametrize(
    ("method", "resource", "allowed"),
    [
        ("GET", "/transactions", "POST"),
        ("DELETE", "/transactions/{transactionId}", "GET"),
        ("POST", "/health", "GET"),
        ("get", "/health", "GET"),
        ("", "/health", "GET"),
    ],
)
def test_a_wrong_method_is_a_405_problem(
    payments: Api, method: str, resource: str, allowed: str
) -> None:
    reply = payments.send(method, resource)
    assert reply.status == 405
    assert reply.headers["Allow"] == allowed
    assert reply.document["type"].endswith("/method-not-allowed")


def test_several_methods_of_a_path_are_all_named(sessions: Api) -> None:
    assert sessions.send("PUT", "/sessions").headers["Allow"] == "DELETE, GET, POST"


@pytest.mark.parametrize("event", [{}, {"requestContext": None, "headers": None}])
def test_an_event_of_no_api_is_answered_too(payments: Api, event: dict[str, Any]) -> None:
    assert payments.invoke(event).status == 404


def test_the_instance_of_a_problem_is_in_the_log(payments: Api, logs: Callable[[], str]) -> None:
    reply = payments.send("GET", "/nope")
    request_id = reply.document["instance"].removeprefix("urn:uuid:")
    assert f'"correlation_id":"{request_id}"' in logs()
