from __future__ import annotations

import time
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.payments.functions.conftest import Api, Reply

UNKNOWN = "A" * 43


def read(sessions: Api, session_id: str) -> Reply:
    return sessions.send("GET", "/sessions", headers={"X-Session-Id": session_id})


def delete(sessions: Api, session_id: str) -> Reply:
    return sessions.send("DELETE", "/sessions", headers={"X-Session-Id": session_id})


@pytest.fixture
def session(sessions: Api, customer: str) -> dict[str, Any]:
    reply = sessions.post("/sessions", {"customerId": customer})
    assert reply.status == 201
    document: dict[str, Any] = reply.document
    return document


def key_of(session: dict[str, Any]) -> dict[str, Any]:
    return {"sessionId": {"S": sha256(session["sessionId"].encode()).hexdigest()}}


def expire(dynamodb: Any, session: dict[str, Any]) -> None:
    dynamodb.update_item(
        TableName="sessions",
        Key=key_of(session),
        UpdateExpression="SET expiresAt = :now",
        ExpressionAttributeValues={":now": {"N": str(int(time.time()))}},
    )


def test_a_session_is_created_and_read(
    sessions: Api, session: dict[str, Any], customer: str
) -> None:
    assert list(session) == ["sessionId", "customerId", "createdAt", "expiresAt"]
    assert session["customerId"] == customer
    life = datetime.fromisoformat(session["expiresAt"]) - datetime.fromisoformat(
        session["createdAt"]
    )
    assert life.total_seconds() == 900
    reply = read(sessions, session["sessionId"])
    assert (reply.status, reply.document) == (200, session)
    assert reply.headers["Cache-Control"] == "no-store"


def test_creating_puts_the_id_into_no_url(sessions: Api, customer: str) -> None:
    assert "Location" not in sessions.post("/sessions", {"customerId": customer}).headers


def test_ids_are_unguessable_and_not_in_the_table(
    sessions: Api, session: dict[str, Any], customer: str, dynamodb: Any
) -> None:
    other = sessions.post("/sessions", {"customerId": customer}).document
    assert other["sessionId"] != session["sessionId"]
    assert len(session["sessionId"]) == 43  # 32 random bytes in base64url
    item = dynamodb.get_item(TableName="sessions", Key=key_of(session))["Item"]
    assert session["sessionId"] not in str(item)
    assert int(item["expiresAt"]["N"]) - int(item["createdAt"]["N"]) == 900


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_the_id_is_required(sessions: Api, method: str) -> None:
    assert sessions.send(method, "/sessions").status == 400
    assert sessions.send(method, "/sessions", headers={"X-Session-Id": " "}).status == 400


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_id_in_the_address_counts_for_nothing(
    sessions: Api, session: dict[str, Any], method: str
) -> None:
    parameters = {"sessionId": session["sessionId"]}
    path = "/sessions/{sessionId}"
    assert sessions.send(method, path, parameters=parameters).status == 404
    assert sessions.send(method, "/sessions", parameters=parameters).status == 400
    assert read(sessions, session["sessionId"]).status == 200


@pytest.mark.parametrize("session_id", [UNKNOWN, "nope", "\ud800", "é" * 43, "x" * 5000])
def test_an_unknown_session_is_404(sessions: Api, session_id: str) -> None:
    assert read(sessions, session_id).status == 404
    assert delete(sessions, session_id).status == 404


def test_a_session_is_deleted_once(sessions: Api, session: dict[str, Any]) -> None:
    reply = delete(sessions, session["sessionId"])
    assert (reply.status, reply.body) == (204, "")
    assert reply.headers == {"Cache-Control": "no-store"}
    assert read(sessions, session["sessionId"]).status == 404
    assert delete(sessions, session["sessionId"]).status == 404


def test_an_expired_session_is_gone_before_dynamodb_removes_it(
    sessions: Api, session: dict[str, Any], dynamodb: Any
) -> None:
    expire(dynamodb, session)
    assert read(sessions, session["sessionId"]).status == 404
    assert delete(sessions, session["sessionId"]).status == 404
    assert "Item" in dynamodb.get_item(TableName="sessions", Key=key_of(session))
