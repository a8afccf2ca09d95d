"""The live API of a deployed environment. Test data is marked `tapgen-verify-...`."""

from __future__ import annotations

import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from tapgen.payments.live.api import marked, payment
from tests.payments.live.conversing import checks_at
from tests.waiting import wait_until

pytestmark = pytest.mark.integration

_AT_ONCE = 4


def test_payments_and_sessions_behave(deployed: Any) -> None:
    checks = checks_at(replace(deployed.api, token=None), deployed.caller)
    failed = [check for check in checks if not check.ok]
    assert not failed, "\n".join(map(str, failed))
    operations = {check.logical_id for check in checks}
    assert {"POST payment", "GET payment", "POST payment again", "GET session"} <= operations


def test_who_may_not_is_not_let_in(deployed: Any) -> None:
    if deployed.caller is None:
        pytest.skip("the environment's API is open")
    api = replace(deployed.api, token=deployed.caller.token({"payments/read"}))
    customer, key = marked(), {"Idempotency-Key": marked()}
    assert api.call("POST", "/transactions", payment(customer), key).status in {401, 403}
    nobody = replace(api, token=None)
    refused = nobody.call("POST", "/transactions", payment(customer), key)
    assert (refused.status, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert not _transactions_of(deployed, customer)


def test_logs_name_the_caller_and_never_the_token(deployed: Any) -> None:
    if deployed.caller is None:
        pytest.skip("the environment's API is open")
    answer = deployed.api.call("GET", "/transactions/unknown")
    assert answer.status == 404
    group = f"/aws/lambda/{deployed.output('compute.PaymentProcessorFunctionName')}"

    def logged() -> str:
        events = deployed.client("logs").filter_log_events(logGroupName=group)["events"]
        text = "".join(event["message"] for event in events)
        return text if deployed.caller.client_id in text else ""

    text = wait_until(logged)
    assert deployed.api.token not in text
    assert deployed.caller.secret not in text


def test_a_payment_is_stored_as_it_was_sent(deployed: Any) -> None:
    customer = marked()
    answer = deployed.api.call(
        "POST", "/transactions", payment(customer), {"Idempotency-Key": marked()}
    )
    assert answer.status == 201
    (item,) = wait_until(lambda: _transactions_of(deployed, customer))
    assert item["transactionId"]["S"] == answer.body["transactionId"]
    assert item["amount"]["N"] == "1999"
    assert item["currency"]["S"] == "EUR"
    assert payment(customer)["paymentToken"] not in str(item)


def test_concurrent_posts_with_one_key_store_one_transaction(deployed: Any) -> None:
    customer, key = marked(), {"Idempotency-Key": marked()}

    def post(_: int) -> Any:
        def answered() -> Any:
            answer = deployed.api.call("POST", "/transactions", payment(customer), key)
            # 409: another one is at work on it, so ask again, as clients do
            return None if answer.status == 409 else answer

        return wait_until(answered)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = list(pool.map(post, range(_AT_ONCE)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body["transactionId"] for answer in answers}) == 1
    assert len(wait_until(lambda: _transactions_of(deployed, customer))) == 1


def test_an_expired_session_is_gone(deployed: Any) -> None:
    session_id, now = secrets.token_urlsafe(32), int(time.time())
    header = {"X-Session-Id": session_id}
    dynamodb, table = deployed.client("dynamodb"), deployed.output("data.SessionsTableName")
    key = {"sessionId": {"S": sha256(session_id.encode()).hexdigest()}}
    values = {"customerId": {"S": marked()}, "createdAt": {"N": str(now - 60)}}

    def read(expires_at: int) -> Any:
        item = {**key, **values, "expiresAt": {"N": str(expires_at)}}
        dynamodb.put_item(TableName=table, Item=item)
        return deployed.api.call("GET", "/sessions", headers=header)

    try:
        assert read(now + 60).status == 200
        assert read(now - 1).status == 404
        assert deployed.api.call("DELETE", "/sessions", headers=header).status == 404
    finally:
        dynamodb.delete_item(TableName=table, Key=key)


def test_sessions_are_stored_without_their_id(deployed: Any) -> None:
    customer = marked()
    created = deployed.api.call("POST", "/sessions", {"customerId": customer})
    session_id = created.body["sessionId"]
    table = deployed.output("data.SessionsTableName")
    digest = {"sessionId": {"S": sha256(session_id.encode()).hexdigest()}}
    item = deployed.client("dynamodb").get_item(TableName=table, Key=digest)["Item"]
    assert session_id not in str(item)
    assert item["customerId"]["S"] == customer
    lifetime = int(item["expiresAt"]["N"]) - int(item["createdAt"]["N"])
    assert lifetime == deployed.environment.value("functions.session_ttl_seconds")
    header = {"X-Session-Id": session_id}
    assert deployed.api.call("DELETE", "/sessions", headers=header).status == 204


def _transactions_of(deployed: Any, customer: str) -> list[dict[str, Any]]:
    """By the index that answers customers; it follows the table within moments."""
    query = {
        "TableName": deployed.output("data.TransactionsTableName"),
        "IndexName": "CustomerIndex",
        "KeyConditionExpression": "customerId = :customer",
        "ExpressionAttributeValues": {":customer": {"S": customer}},
    }
    items: list[dict[str, Any]] = deployed.client("dynamodb").query(**query)["Items"]
    return items
