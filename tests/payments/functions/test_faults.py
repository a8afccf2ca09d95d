from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from tapgen.payments.functions.aws_clients import is_transient

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from tests.payments.functions.conftest import Api, Reply

ENDPOINT = "http://dynamodb.invalid"


@pytest.fixture
def own(start: Callable[..., ModuleType], payments: Api) -> Api:
    """A function of its own: adaptive retries remember throttles, other tests should not wait."""
    return type(payments)(start("payment_processor"))


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries are counted here, not waited for."""

    class NoTime:
        def sleep(self, _seconds: float) -> None: ...

    monkeypatch.setattr("botocore.endpoint.time", NoTime())


def read(api: Api) -> Reply:
    parameters = {"transactionId": str(uuid.uuid4())}
    return api.send("GET", "/transactions/{transactionId}", parameters=parameters)


def assert_unavailable(reply: Reply) -> None:
    assert reply.status == 503
    assert reply.headers["Retry-After"] == "1"
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert "dynamodb" not in reply.body.lower()


@pytest.mark.slow
def test_throttling_is_503_after_the_retries(own: Api, fault: Callable[..., None]) -> None:
    fault(own.module, "Query", "ProvisionedThroughputExceededException")
    assert_unavailable(read(own))


@pytest.mark.slow
def test_a_throttle_that_passes_is_not_seen(own: Api, fault: Callable[..., None]) -> None:
    fault(own.module, "Query", "ThrottlingException", count=1)
    assert read(own).status == 404


@pytest.mark.parametrize(
    "error",
    [
        (500, {"__type": "InternalServerError"}),
        (503, {"__type": "Whatever"}),
        ConnectTimeoutError(endpoint_url=ENDPOINT),
        ReadTimeoutError(endpoint_url=ENDPOINT),
        EndpointConnectionError(endpoint_url=ENDPOINT),
    ],
)
def test_an_outage_is_503(own: Api, error: Any, fault: Callable[..., None]) -> None:
    fault(own.module, "Query", error)
    assert_unavailable(read(own))


@pytest.mark.parametrize("code", ["ThrottlingError", "TransactionConflict"])
def test_a_cancelled_transaction_that_may_succeed_later_is_503(
    own: Api, payment: dict[str, Any], code: str, fault: Callable[..., None]
) -> None:
    reasons = [{"Code": "None"}, {"Code": code}]
    answer = {"__type": "TransactionCanceledException", "CancellationReasons": reasons}
    fault(own.module, "TransactWriteItems", (400, answer), count=1)
    key = str(uuid.uuid4())
    assert_unavailable(own.pay(payment, key))
    retried = own.pay(payment, key)
    assert retried.status == 201
    assert "Idempotency-Replayed" not in retried.headers


def test_an_idempotency_table_out_of_reach_is_503(
    own: Api,
    payment: dict[str, Any],
    fault: Callable[..., None],
    stored: Callable[[], list[Any]],
) -> None:
    fault(own.module, "PutItem", ReadTimeoutError(endpoint_url=ENDPOINT))
    assert_unavailable(own.pay(payment))
    assert stored() == []


def test_a_fault_of_ours_is_a_500_problem_without_internals(
    start: Callable[..., ModuleType],
    payments: Api,
    payment: dict[str, Any],
    logs: Callable[[], str],
) -> None:
    broken = type(payments)(start("payment_processor", TRANSACTIONS_TABLE="absent"))
    for reply in (read(broken), broken.pay(payment)):
        assert reply.status == 500
        assert reply.document["type"].endswith("/internal")
        assert "absent" not in reply.body
    text = logs()
    assert "botocore.errorfactory.ResourceNotFoundException" in text
    assert "in find" in text
    assert payment["paymentToken"] not in text


def test_a_refused_delete_is_not_taken_for_an_absent_session(
    start: Callable[..., ModuleType], sessions: Api
) -> None:
    broken = type(sessions)(start("session_manager", SESSIONS_TABLE="absent"))
    reply = broken.send("DELETE", "/sessions", headers={"X-Session-Id": "A" * 43})
    assert reply.status == 500


@pytest.mark.parametrize(
    ("code", "transient"),
    [
        ("ThrottlingException", True),
        ("RequestLimitExceeded", True),
        ("TransactionInProgressException", True),
        ("AccessDeniedException", False),
        ("ResourceNotFoundException", False),
    ],
)
def test_only_what_passes_by_itself_is_transient(code: str, transient: bool) -> None:
    response: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    assert is_transient(ClientError(response, "Query")) is transient


def test_other_exceptions_do_not_pass_by_themselves() -> None:
    assert not is_transient(ValueError())
    wrapped = RuntimeError()
    wrapped.__cause__ = ReadTimeoutError(endpoint_url=ENDPOINT)
    assert is_transient(wrapped)
