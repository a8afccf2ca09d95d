from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.payments.functions.conftest import Api, Reply


def fields(reply: Reply) -> list[str]:
    assert reply.status == 400, reply.body
    return [error["pointer"] for error in reply.document["errors"]]


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON", 'application/json; charset="UTF-8"'],
)
def test_takes_utf_8_json(payments: Api, payment: dict[str, Any], content_type: str) -> None:
    headers = {"content-type": content_type, "idempotency-key": "k-" + payment["customerId"]}
    reply = payments.send("POST", "/transactions", body=json.dumps(payment), headers=headers)
    assert reply.status == 201


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/json; charset=latin-1", "application/json-patch+json", ";"],
)
def test_another_content_type_is_415(
    payments: Api, payment: dict[str, Any], content_type: str
) -> None:
    headers = {"Content-Type": content_type, "Idempotency-Key": "key"}
    reply = payments.send("POST", "/transactions", body=json.dumps(payment), headers=headers)
    assert reply.status == 415
    reply = payments.send("POST", "/transactions", body="{}", headers={"Idempotency-Key": "key"})
    assert reply.status == 415


def test_a_large_body_is_413(payments: Api, payment: dict[str, Any]) -> None:
    blanks = " " * (8192 - len(json.dumps(payment)))
    assert payments.pay(json.dumps(payment) + blanks).status == 201
    assert payments.pay(json.dumps(payment) + blanks + " ").status == 413


def test_base64_bodies_are_decoded(payments: Api, payment: dict[str, Any]) -> None:
    body = base64.b64encode(json.dumps({**payment, "reference": "Größe"}).encode()).decode()
    reply = payments.pay(body, isBase64Encoded=True)
    assert reply.status == 201
    assert reply.document["reference"] == "Größe"


@pytest.mark.parametrize(
    "body", ["not base64!", base64.b64encode(b"\xff\xfe").decode(), "e30", "\ud800", "é"]
)
def test_a_base64_body_that_is_no_text_is_400(payments: Api, body: str) -> None:
    assert payments.pay(body, isBase64Encoded=True).status == 400


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "null",
        "[]",
        '"text"',
        "1",
        "\ufeff{}",
        "\ud800",
        "{'amount': 1}",
        '{"amount": 1,}',
        '{"amount": NaN}',
        '{"amount": Infinity}',
        '{"amount": -Infinity}',
        '{"amount": 1, "amount": 1}',
        '{"x": {"y": 1, "y": 2}}',
        '{"amount": ' + "9" * 5000 + "}",
        '{"reference": "\\ud800"}',
        '{"\\udfff": 1}',
        '{"x": ' + "[" * 9 + "]" * 9 + "}",
        '{"x": ' + '{"x": ' * 9 + "1" + "}" * 9 + "}",
        '{"x": ' + "[" * 4000 + "]" * 4000 + "}",
        "[" * 8000,
    ],
)
def test_a_body_that_is_no_plain_json_object_is_400(payments: Api, body: str) -> None:
    reply = payments.pay(body)
    assert reply.status == 400
    assert "errors" not in reply.document


def test_a_missing_body_is_400(payments: Api) -> None:
    headers = {"Content-Type": "application/json", "Idempotency-Key": "key"}
    assert payments.send("POST", "/transactions", headers=headers).status == 400


def test_every_faulty_field_is_named(payments: Api) -> None:
    reply = payments.pay({"amount": 10.0, "currency": "eur", "a/b": 1})
    assert sorted(fields(reply)) == sorted(
        ["#/amount", "#/currency", "#/customerId", "#/paymentToken", "#/a~1b"]
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", 10.0),
        ("amount", "10"),
        ("amount", True),
        ("amount", None),
        ("amount", 0),
        ("amount", -1),
        ("amount", 2**53),
        ("amount", 10**400),
        ("currency", "XXX"),
        ("currency", 978),
        ("customerId", ""),
        ("customerId", "a b"),
        ("customerId", "-a"),
        ("customerId", "a\n"),
        ("customerId", "a" * 65),
        ("customerId", ["a"]),
        ("paymentToken", "short"),
        ("paymentToken", "with blanks in it"),
        ("paymentToken", "t" * 256),
        ("paymentToken", {"token": "t" * 20}),
        ("reference", ""),
        ("reference", "r" * 141),
        ("reference", "line\nbreak"),
        ("reference", "null\u0000"),
        ("reference", "zero\u200bwidth"),
        ("reference", 42),
        ("unknown", 1),
        ("customer_id", "cus_1"),
    ],
)
def test_a_faulty_field_is_named_and_not_repeated(
    payments: Api, payment: dict[str, Any], field: str, value: Any
) -> None:
    reply = payments.pay({**payment, field: value})
    assert fields(reply) == [f"#/{field}"]
    assert payment["paymentToken"] not in reply.body


@pytest.mark.parametrize("field", ["customerId", "paymentToken", "reference", "currency", "x"])
@pytest.mark.parametrize("card", ["4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111"])
def test_a_card_number_is_refused_in_any_field(
    payments: Api, payment: dict[str, Any], field: str, card: str
) -> None:
    reply = payments.pay({**payment, field: card})
    assert fields(reply) == [f"#/{field}"]
    told = {**reply.document, "instance": ""}  # a random id may contain any four digits
    assert "4111" not in json.dumps(told)


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"4111111111111111": 1}, "#"),
        ({"x": {"4111111111111111": 1}}, "#/x"),
        ({"x": [{"y": "pan 4111111111111111"}]}, "#/x/0/y"),
    ],
)
def test_a_card_number_is_refused_wherever_it_hides(
    payments: Api, payment: dict[str, Any], document: dict[str, Any], place: str
) -> None:
    reply = payments.pay({**payment, **document})
    assert fields(reply) == [place]
    assert "4111111111111111" not in reply.body


def test_the_same_rules_hold_for_sessions(sessions: Api) -> None:
    assert fields(sessions.post("/sessions", {"customerId": "4111111111111111"})) == [
        "#/customerId"
    ]
    assert fields(sessions.post("/sessions", {"customerId": 7, "x": 1})) == ["#/customerId", "#/x"]
    assert sessions.post("/sessions", '{"customerId":"a","customerId":"b"}').status == 400
