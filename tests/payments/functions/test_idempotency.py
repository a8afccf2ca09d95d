from __future__ import annotations

import contextlib
import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.payments.functions.conftest import Api, Reply


class Died(BaseException):
    """Lambda ends a process in the middle; nothing of ours gets to clean up."""


@pytest.fixture
def key() -> str:
    return str(uuid.uuid4())


def assert_replay(reply: Reply, first: Reply) -> None:
    assert (reply.status, reply.body) == (201, first.body)
    assert reply.headers == {**first.headers, "Idempotency-Replayed": "true"}


def test_the_same_key_and_body_replay_the_first_answer(
    payments: Api, payment: dict[str, Any], key: str, stored: Callable[[], list[Any]]
) -> None:
    first = payments.pay(payment, key)
    assert "Idempotency-Replayed" not in first.headers
    assert_replay(payments.pay(payment, key), first)
    shuffled = json.dumps(dict(reversed(payment.items())), indent=2)
    assert_replay(payments.pay(shuffled, f" {key} "), first)
    assert len(stored()) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 2000},
        {"currency": "USD"},
        {"customerId": "another"},
        {"paymentToken": "tok_another"},
        {"reference": "Order 43"},
        {"reference": None},
    ],
)
def test_the_same_key_with_another_body_is_422(
    payments: Api,
    payment: dict[str, Any],
    key: str,
    change: dict[str, Any],
    stored: Callable[[], list[Any]],
) -> None:
    first = payments.pay(payment, key)
    reply = payments.pay({**payment, **change}, key)
    assert reply.status == 422
    assert reply.document["type"].endswith("/idempotency-key-reused")
    assert first.document["transactionId"] not in reply.body
    assert len(stored()) == 1


def test_another_key_is_another_payment(
    payments: Api, payment: dict[str, Any], stored: Callable[[], list[Any]]
) -> None:
    assert payments.pay(payment).document != payments.pay(payment).document
    assert len(stored()) == 2


def test_a_key_belongs_to_the_caller_that_the_authorizer_names(
    payments: Api, payment: dict[str, Any], key: str
) -> None:
    def pay(authorizer: dict[str, Any], **change: Any) -> Reply:
        request_context = {"requestId": "r", "authorizer": authorizer}
        return payments.pay({**payment, **change}, key, requestContext=request_context)

    first = pay({"claims": {"client_id": "shop-a"}})
    other = pay({"claims": {"client_id": "shop-b"}}, amount=1)
    third = pay({"principalId": "shop-c"}, amount=2)
    assert [first.status, other.status, third.status] == [201, 201, 201]
    assert_replay(pay({"claims": {"client_id": "shop-a"}}), first)


@pytest.mark.parametrize(
    "header", ["", " ", "k" * 256, "schlüssel", "a\tb", "4111111111111111", "\ud800"]
)
def test_an_unusable_key_is_400(payments: Api, payment: dict[str, Any], header: str) -> None:
    headers = {"Idempotency-Key": header}
    assert payments.post("/transactions", payment, headers).status == 400


def test_a_missing_key_is_400(
    payments: Api, payment: dict[str, Any], stored: Callable[[], list[Any]]
) -> None:
    assert payments.post("/transactions", payment).status == 400
    assert stored() == []


def test_two_different_keys_at_once_are_400(payments: Api, payment: dict[str, Any]) -> None:
    headers = {"Idempotency-Key": ["a", "b"], "Content-Type": ["application/json"]}
    reply = payments.post("/transactions", payment, multiValueHeaders=headers)
    assert reply.status == 400
    assert "Idempotency-Key" in reply.document["detail"]


def test_headers_without_their_multi_value_form_are_read(
    payments: Api, payment: dict[str, Any], key: str
) -> None:
    assert payments.pay(payment, key, multiValueHeaders=None).status == 201


def test_a_request_that_is_running_holds_back_the_next(
    payments: Api,
    payment: dict[str, Any],
    key: str,
    fault: Callable[..., None],
    stored: Callable[[], list[Any]],
) -> None:
    fault(payments.module, "TransactWriteItems", Died(), count=1)
    with pytest.raises(Died):
        payments.pay(payment, key, remaining=60_000)
    reply = payments.pay(payment, key)
    assert reply.status == 409
    assert reply.headers["Retry-After"] == "1"
    assert reply.document["type"].endswith("/in-progress")
    assert stored() == []


def die_after_storing(
    payments: Api, payment: dict[str, Any], key: str, fault: Callable[..., None]
) -> None:
    fault(payments.module, "UpdateItem", Died(), count=1)
    with pytest.raises(Died):
        payments.pay(payment, key, remaining=1)
    time.sleep(0.005)  # until the lock, which ends with the invocation, is over


def test_a_death_between_storing_and_recording_does_not_store_twice(
    payments: Api,
    payment: dict[str, Any],
    key: str,
    fault: Callable[..., None],
    stored: Callable[[], list[Any]],
) -> None:
    die_after_storing(payments, payment, key, fault)
    reply = payments.pay(payment, key)
    assert reply.status == 201
    assert reply.headers["Idempotency-Replayed"] == "true"
    (only,) = stored()
    assert reply.document["transactionId"] == only["transactionId"]["S"]
    assert payments.pay(payment, key).body == reply.body


@pytest.mark.parametrize("moment", ["before-send", "response-received"])
@pytest.mark.parametrize("write", ["PutItem", "TransactWriteItems", "UpdateItem"])
def test_whenever_a_function_dies_a_payment_is_stored_whole_and_once(  # noqa: PLR0913, PLR0917 - fixtures
    payments: Api,
    payment: dict[str, Any],
    key: str,
    stored: Callable[[], list[Any]],
    dynamodb: Any,
    write: str,
    moment: str,
) -> None:
    """Each of the three writes of a payment, before it happens and after it took effect."""
    before = records(dynamodb)
    with dying(payments, f"{moment}.dynamodb.{write}"), pytest.raises(Died):
        payments.pay(payment, key, remaining=1)
    claims = [name for name in records(dynamodb) - before if name.startswith("transaction#")]
    assert len(claims) == len(stored()) <= 1  # together, or neither
    time.sleep(0.005)  # until the lock is over
    reply = payments.pay(payment, key)
    assert reply.status == 201
    (only,) = stored()
    assert reply.document["transactionId"] == only["transactionId"]["S"]
    assert payments.pay(payment, key).body == reply.body
    assert payments.pay({**payment, "amount": 1}, key).status == 422
    kinds = sorted(name.partition("#")[0] for name in records(dynamodb) - before)
    assert kinds == ["request", "transaction"]


@contextlib.contextmanager
def dying(payments: Api, event: str) -> Iterator[None]:
    """Let the process die at an event of botocore's, once."""

    def die(**_event: Any) -> None:
        events.unregister(event, die)
        raise Died

    events = payments.module._DYNAMODB.meta.events
    events.register_first(event, die)
    yield


def records(dynamodb: Any) -> set[str]:
    """The ids in the idempotency table."""
    pages = dynamodb.get_paginator("scan").paginate(TableName="idempotency")
    return {item["id"]["S"] for page in pages for item in page["Items"]}


def test_after_such_a_death_another_body_is_still_422(
    payments: Api,
    payment: dict[str, Any],
    key: str,
    fault: Callable[..., None],
    stored: Callable[[], list[Any]],
) -> None:
    die_after_storing(payments, payment, key, fault)
    assert payments.pay({**payment, "amount": 1}, key).status == 422
    assert payments.pay(payment, key).status == 201
    assert len(stored()) == 1


def test_a_record_that_cannot_be_written_is_503_and_the_retry_finds_the_payment(  # noqa: PLR0913, PLR0917 - fixtures
    payments: Api,
    payment: dict[str, Any],
    key: str,
    fault: Callable[..., None],
    stored: Callable[[], list[Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("botocore.endpoint.time", _NoTime())
    fault(payments.module, "UpdateItem", (500, {"__type": "InternalServerError"}), count=3)
    assert payments.pay(payment, key, remaining=1).status == 503
    reply = payments.pay(payment, key)
    assert (reply.status, reply.headers["Idempotency-Replayed"]) == (201, "true")
    assert len(stored()) == 1


class _NoTime:
    def sleep(self, _seconds: float) -> None:
        """Retries need not be waited for."""


def expire_records(dynamodb: Any, since: set[str]) -> None:
    for item in dynamodb.scan(TableName="idempotency")["Items"]:
        if item["id"]["S"] not in since:
            dynamodb.update_item(
                TableName="idempotency",
                Key={"id": item["id"]},
                UpdateExpression="SET expiration = :past",
                ExpressionAttributeValues={":past": {"N": "1"}},
            )


def test_a_key_may_be_used_again_when_its_time_is_over(
    payments: Api,
    payment: dict[str, Any],
    key: str,
    dynamodb: Any,
    stored: Callable[[], list[Any]],
) -> None:
    before = records(dynamodb)
    assert payments.pay(payment, key).status == 201
    expire_records(dynamodb, before)
    reply = payments.pay({**payment, "amount": 1}, key)
    assert reply.status == 201
    assert "Idempotency-Replayed" not in reply.headers
    assert len(stored()) == 2


def test_records_hold_digests_and_a_time_to_live(
    payments: Api, payment: dict[str, Any], key: str, dynamodb: Any
) -> None:
    before = records(dynamodb)
    payments.pay(payment, key)
    items = dynamodb.scan(TableName="idempotency")["Items"]
    new = [item for item in items if item["id"]["S"] not in before]
    assert sorted(item["id"]["S"].split("#")[0] for item in new) == ["request", "transaction"]
    for item in new:
        assert 3590 <= int(item["expiration"]["N"]) - time.time() <= 3601
        assert key not in str(item)
        assert payment["paymentToken"] not in str(item)


@pytest.mark.slow
def test_fifty_posts_at_once_store_one_payment(
    payments: Api, payment: dict[str, Any], key: str, stored: Callable[[], list[Any]]
) -> None:
    with ThreadPoolExecutor(50) as pool:
        replies = list(pool.map(lambda _: payments.pay(payment, key), range(50)))
    assert {reply.status for reply in replies} <= {201, 409}
    bodies = {reply.body for reply in replies if reply.status == 201}
    assert len(bodies) == len(stored()) == 1
    first = [reply for reply in replies if reply.status == 201 and len(reply.headers) == 3]
    assert len(first) == 1


def test_posts_under_their_own_keys_do_not_hinder_each_other(
    payments: Api, payment: dict[str, Any], stored: Callable[[], list[Any]]
) -> None:
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: payments.pay(payment), range(16)))
    assert [reply.status for reply in replies] == [201] * 16
    assert len(stored()) == 16


def test_the_claim_alone_lets_one_of_many_through(
    payments: Api, payment: dict[str, Any], key: str, stored: Callable[[], list[Any]]
) -> None:
    """As if every lock were over while its holder still runs."""
    from tapgen.payments.functions.ledger import Claim
    from tapgen.payments.functions.transactions import PaymentRequest

    request = PaymentRequest.model_validate(payment)
    claim = Claim.of("", key, request)
    ledger = payments.module._LEDGER
    with ThreadPoolExecutor(8) as pool:
        entries = list(pool.map(lambda _: ledger._store(payment=request, claim=claim), range(16)))
    assert [entry.replayed for entry in entries].count(False) == 1
    assert len({entry.transaction for entry in entries}) == len(stored()) == 1
