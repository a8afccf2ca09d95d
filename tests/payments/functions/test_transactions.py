from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.payments.functions.money import MAX_MINOR_UNITS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.payments.functions.conftest import Api, Reply


def read(payments: Api, transaction_id: str) -> Reply:
    parameters = {"transactionId": transaction_id}
    return payments.send("GET", "/transactions/{transactionId}", parameters=parameters)


def test_a_payment_is_stored_and_can_be_read_back(
    payments: Api, payment: dict[str, Any], stored: Callable[[], list[dict[str, Any]]]
) -> None:
    reply = payments.pay(payment)
    document = reply.document
    assert reply.status == 201
    assert reply.headers == {
        "Cache-Control": "no-store",
        "Content-Type": "application/json",
        "Location": f"/transactions/{document['transactionId']}",
    }
    assert list(document) == [
        "transactionId", "customerId", "amount", "currency", "createdAt", "reference",
    ]  # fmt: skip
    assert document["amount"] == 1999
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", document["createdAt"])
    created = datetime.fromisoformat(document["createdAt"])
    assert abs(datetime.now(UTC) - created) < timedelta(seconds=30)

    back = read(payments, document["transactionId"])
    assert (back.status, back.body) == (200, reply.body)
    assert back.headers["Cache-Control"] == "no-store"
    assert stored() == [
        {
            "transactionId": {"S": document["transactionId"]},
            "timestamp": {"N": str(int(created.timestamp() * 1000))},
            "customerId": {"S": payment["customerId"]},
            "amount": {"N": "1999"},
            "currency": {"S": "EUR"},
            "reference": {"S": "Order 42"},
            "paymentTokenDigest": {"S": sha256(payment["paymentToken"].encode()).hexdigest()},
        }
    ]


@pytest.mark.parametrize("absent", [{}, {"reference": None}])
def test_a_reference_is_optional(
    payments: Api, payment: dict[str, Any], absent: dict[str, Any]
) -> None:
    del payment["reference"]
    reply = payments.pay({**payment, **absent})
    assert reply.status == 201
    assert "reference" not in reply.document
    assert read(payments, reply.document["transactionId"]).body == reply.body


def test_the_largest_amount_is_kept_exactly(payments: Api, payment: dict[str, Any]) -> None:
    reply = payments.pay({**payment, "amount": MAX_MINOR_UNITS})
    assert read(payments, reply.document["transactionId"]).document["amount"] == 999_999_999_999


@pytest.mark.parametrize(
    "transaction_id",
    ["00000000-0000-4000-8000-000000000000", "nope", "", "../health", "x" * 3000, "\ud800", "1\n"],
)
def test_an_unknown_transaction_is_404(payments: Api, transaction_id: str) -> None:
    reply = read(payments, transaction_id)
    assert reply.status == 404
    assert reply.headers["Content-Type"] == "application/problem+json"


def test_a_path_without_its_parameter_is_404(payments: Api) -> None:
    assert payments.send("GET", "/transactions/{transactionId}").status == 404
