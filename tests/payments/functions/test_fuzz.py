"""Whatever is sent, the answer is a success or a problem document, and never a fault of ours."""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.payments.functions import events

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.payments.functions.conftest import Api, Reply

# Fixtures made once per test are fine here: every example is a request of its own.
fuzz = settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
_MEMBERS = {"type", "title", "status", "detail", "instance"}
_SUCCESSES = {200, 201, 204}


def assert_sane(reply: Reply) -> None:
    """A success, or a problem document as RFC 9457 wants it; both fit for API Gateway."""
    assert reply.headers["Cache-Control"] == "no-store"
    assert all(type(value) is str and value.isprintable() for value in reply.headers.values())
    reply.body.encode()
    if reply.status == 204:
        assert reply.body == ""
    elif reply.status in _SUCCESSES:
        assert reply.headers["Content-Type"] == "application/json"
        assert isinstance(reply.document, dict)
    else:
        assert 400 <= reply.status < 500, reply.body
        assert reply.headers["Content-Type"] == "application/problem+json"
        document = reply.document
        assert _MEMBERS <= document.keys() <= _MEMBERS | {"errors"}
        assert document["status"] == reply.status
        assert document["type"].startswith("tag:")
        assert document["instance"].startswith("urn:uuid:")
        assert document["title"]
        assert document["detail"]
        assert len(document.get("errors", [])) <= 20


def rows(dynamodb: Any, table: str) -> list[dict[str, Any]]:
    pages = dynamodb.get_paginator("scan").paginate(TableName=table)
    return [item for page in pages for item in page["Items"]]


def assert_whole(dynamodb: Any) -> None:
    """Every claim has its transaction; no claim points nowhere."""
    stored = {item["transactionId"]["S"] for item in rows(dynamodb, "transactions")}
    claimed = [
        item["transactionId"]["S"]
        for item in rows(dynamodb, "idempotency")
        if item["id"]["S"].startswith("transaction#")
    ]
    assert len(claimed) == len(set(claimed))
    assert set(claimed) <= stored


@pytest.mark.slow
@given(event=events.events())
@fuzz
def test_any_event_of_api_gateway(
    payments: Api,
    sessions: Api,
    stored: Callable[[str], list[dict[str, Any]]],
    event: dict[str, Any],
) -> None:
    customer = f"cus_{uuid.uuid4().hex}x"
    if isinstance(event["body"], str):
        event["body"] = event["body"].replace("CUSTOMER", customer)
    created = 0
    for api in (payments, sessions):
        reply = api.invoke(event)
        assert_sane(reply)
        created += reply.status == 201 and "transactionId" in reply.document
        again = api.invoke(event)
        assert_sane(again)
        if reply.status == 201 and "transactionId" in reply.document:
            assert (again.status, again.body) == (201, reply.body)
        elif reply.status in {400, 404, 405, 413, 415}:
            assert again.status == reply.status
    assert len(stored(customer)) <= created <= 1


@pytest.mark.slow
def test_what_is_stored_is_stored_whole(dynamodb: Any) -> None:
    """Over all that the tests of this folder have sent to the tables so far."""
    assert_whole(dynamodb)


@pytest.mark.slow
@given(document=events.documents())
@example('{"amount":1,"amount":1}')
@example('{"x":' + "[" * 4000 + "]" * 4000 + "}")
@example('{"amount":' + "9" * 4301 + "}")
@fuzz
def test_any_document_is_taken_as_a_whole_or_refused(
    payments: Api, stored: Callable[[str], list[dict[str, Any]]], document: str
) -> None:
    customer = f"cus_{uuid.uuid4().hex}x"
    body = document.replace("CUSTOMER", customer)
    reply = payments.pay(body)
    assert_sane(reply)
    if reply.status == 201:
        found = {item["transactionId"]["S"]: item for item in stored(reply.document["customerId"])}
        item = found[reply.document["transactionId"]]
        assert item["amount"]["N"] == str(reply.document["amount"])
        sent = json.loads(body)
        assert {name: sent[name] for name in ("amount", "currency", "customerId")} == {
            name: reply.document[name] for name in ("amount", "currency", "customerId")
        }
        assert len(re.findall(r'"amount":', body)) == 1
    else:
        assert stored(customer) == []


@pytest.mark.slow
@given(key=st.text(max_size=300) | st.uuids().map(str) | events.texts)
@fuzz
def test_any_key_and_its_replay(payments: Api, payment: dict[str, Any], key: str) -> None:
    customer = f"cus_{uuid.uuid4().hex}x"
    first = payments.pay({**payment, "customerId": customer}, key or " ")
    assert_sane(first)
    again = payments.pay({**payment, "customerId": customer}, key or " ")
    assert (again.status, again.status == 201 and again.body) == (
        first.status,
        first.status == 201 and first.body,
    )


def _places(card: str, noise: tuple[str, str]) -> dict[str, Any]:
    text = card.join(noise)
    return {
        "value": {"reference": text},
        "customer": {"customerId": text},
        "token": {"paymentToken": text},
        "currency": {"currency": text},
        "name": {text: 1},
        "nested": {"x": [{"y": text}]},
        "number": {"amount": int("".join(filter(str.isdecimal, card)))},
    }


@pytest.mark.slow
@given(
    card=events.cards(),
    noise=st.tuples(events.company, events.company),
    where=st.sampled_from(sorted(_places("1", ("", "")))),
)
@example(card="4111 1111 1111 1111", noise=("", " 12/27"), where="value")
@example(card="4111111111111111", noise=("", " 12/27 123"), where="value")
@example(card="4111_1111_1111_1111", noise=("", ""), where="customer")
@example(card="4111111111111111", noise=("card", ""), where="customer")
@example(card="4111111111111111", noise=("", ""), where="number")
@fuzz
def test_no_card_number_is_stored_answered_or_logged(  # noqa: PLR0913, PLR0917 - fixtures
    payments: Api,
    sessions: Api,
    payment: dict[str, Any],
    stored: Callable[[str], list[dict[str, Any]]],
    logs: Callable[[], str],
    card: str,
    noise: tuple[str, str],
    where: str,
) -> None:
    changed = {**payment, **_places(card, noise)[where]}
    refused = [
        payments.pay(changed),
        payments.pay(json.dumps(changed, ensure_ascii=False)),
        payments.pay(payment, card.join(noise)),
        sessions.post("/sessions", {"customerId": card.join(noise)}),
    ]
    elsewhere = [
        payments.send(method, resource, parameters=dict.fromkeys(names, card), headers={card: card})
        for method, resource, names in (
            ("GET", "/transactions/{transactionId}", ["transactionId"]),
            (card, "/health", []),
            ("GET", card, []),
        )
    ]
    elsewhere += [
        sessions.send("GET", "/sessions", headers={"X-Session-Id": card}),
        sessions.send("DELETE", "/sessions", headers={"X-Session-Id": card}),
    ]
    for reply in [*refused, *elsewhere]:
        assert_sane(reply)
        assert 400 <= reply.status < 500
        assert card not in str(reply)
    assert stored(payment["customerId"]) == []
    text = logs()
    assert card not in text
    assert "".join(filter(str.isdecimal, card)) not in text
