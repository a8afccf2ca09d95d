"""Whatever is sent, the answer is a success or a problem document, and never a fault of ours."""

from __future__ import annotations

import base64
import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.functions.conftest import Api, Reply

# Fixtures made once per test are fine here: every example is a request of its own.
fuzz = settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

texts = st.text(max_size=40) | st.from_regex(r"[A-Za-z0-9_-]{1,30}", fullmatch=True)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**15, 10**40)
    | st.floats()
    | texts
    | st.sampled_from(["4111111111111111", "EUR", "\ud800", "\x00", "cus_1", "tok_12345678"])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from(["amount", "currency", "customerId", "paymentToken", "reference", "x"])
headers = st.dictionaries(
    st.sampled_from(["Content-Type", "content-type", "Idempotency-Key", "X-Session-Id", "Accept"])
    | texts,
    st.sampled_from(["application/json", "application/json; charset=utf-8", ""]) | texts,
    max_size=4,
)
resources = st.sampled_from(
    [
        "/transactions",
        "/transactions/{transactionId}",
        "/health",
        "/sessions",
        "/sessions/{sessionId}",
    ]
)


def assert_sane(reply: Reply) -> None:
    assert reply.headers["Cache-Control"] == "no-store"
    if reply.status in (200, 201):
        assert reply.headers["Content-Type"] == "application/json"
        assert isinstance(reply.document, dict)
    else:
        assert 400 <= reply.status < 500, reply.body
        assert reply.headers["Content-Type"] == "application/problem+json"
        document = reply.document
        assert document["status"] == reply.status
        assert document["type"].startswith("tag:")
        assert document["instance"].startswith("urn:uuid:")
        assert document["title"]
        assert document["detail"]
    reply.body.encode()


@pytest.mark.slow
@given(changes=st.dictionaries(fields, values, max_size=3))
@fuzz
def test_changed_payments(
    payments: Api,
    payment: dict[str, Any],
    stored: Callable[[str], list[dict[str, Any]]],
    changes: dict[str, Any],
) -> None:
    payment["customerId"] = f"cus_{uuid.uuid4().hex}x"
    reply = payments.pay({**payment, **changes})
    assert_sane(reply)
    if "customerId" not in changes:
        assert len(stored(payment["customerId"])) == (reply.status == 201)


@pytest.mark.slow
@given(body=st.text(max_size=200) | values.map(json.dumps), encoded=st.booleans())
@fuzz
def test_any_text_as_a_body(payments: Api, sessions: Api, body: str, encoded: bool) -> None:
    assert_sane(payments.pay(body, isBase64Encoded=encoded))
    assert_sane(sessions.post("/sessions", body, isBase64Encoded=encoded))


@given(body=st.binary(max_size=200).map(lambda raw: base64.b64encode(raw).decode()))
@fuzz
def test_any_bytes_as_a_body(payments: Api, sessions: Api, body: str) -> None:
    assert_sane(payments.pay(body, isBase64Encoded=True))
    assert_sane(sessions.post("/sessions", body, isBase64Encoded=True))


@pytest.mark.slow
@given(
    method=st.sampled_from(["GET", "POST", "DELETE", "PUT", "HEAD", ""]),
    resource=resources | texts,
    sent=headers,
    parameter=texts,
    valid=st.booleans(),
)
@fuzz
def test_any_request(  # noqa: PLR0913, PLR0917 - the parts of a request
    payments: Api,
    sessions: Api,
    payment: dict[str, Any],
    method: str,
    resource: str,
    sent: dict[str, str],
    parameter: str,
    valid: bool,
) -> None:
    parameters = {"transactionId": parameter, "sessionId": parameter}
    body = json.dumps(payment) if valid else parameter
    for api in (payments, sessions):
        assert_sane(api.send(method, resource, body=body, headers=sent, parameters=parameters))


@pytest.mark.slow
@given(key=st.text(max_size=300) | st.uuids().map(str))
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
