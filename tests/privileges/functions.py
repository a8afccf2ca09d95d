"""Calls of the deployed functions, each by the name that the tables of uses know it by."""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from tapgen.payments.live.api import marked, payment

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.deploy.target.target import Target


@dataclass(frozen=True)
class Reply:
    """Status, body and log of one invocation."""

    status: int
    document: Any
    log: str

    @property
    def denied(self) -> bool:
        return self.status == 500 and "AccessDenied" in self.log


Attempt: TypeAlias = "Callable[[], Reply]"


@dataclass(frozen=True)
class Functions:
    """The functions' live versions, called directly: the API in front has tests of its own."""

    target: Target

    def client(self, service: str) -> Any:
        """A client with all permissions, for what stands around a call."""
        return self.target.account.client(service, self.target.home_region)

    def output(self, layer: str, name: str) -> str:
        return str((self.target.outputs(layer) or {})[name])

    def call(
        self,
        function: str,
        method: str,
        resource: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        **parameters: str,
    ) -> Reply:
        event = {
            "resource": resource,
            "httpMethod": method,
            "headers": {"Content-Type": "application/json", **(headers or {})},
            "pathParameters": parameters or None,
            "requestContext": {"requestId": str(uuid.uuid4())},
            "body": None if body is None else json.dumps(body),
        }
        answer = self.client("lambda").invoke(
            FunctionName=self.output("compute", f"{function}AliasArn"),
            Payload=json.dumps(event),
            LogType="Tail",
        )
        result = json.load(answer["Payload"])
        return Reply(
            result["statusCode"],
            json.loads(result["body"] or "null"),
            base64.b64decode(answer["LogResult"]).decode(),
        )

    # Each of these prepares a call and gives it: it can be made later, with fewer permissions.

    def pay(self) -> Attempt:
        """POST /transactions: stores a payment."""
        key = marked()
        return lambda: self._pay(key)

    def read_payment(self) -> Attempt:
        """GET /transactions/{transactionId}: finds a payment by its id."""
        transaction_id = self._pay(marked()).document["transactionId"]
        resource = "/transactions/{transactionId}"
        return lambda: self.call("PaymentProcessor", "GET", resource, transactionId=transaction_id)

    def replay(self) -> Attempt:
        """POST /transactions again: answers from the record of the key."""
        key = self._paid()
        return lambda: self._pay(key)

    def replay_without_record(self) -> Attempt:
        """POST /transactions after a death before the record: answers what the claim stands for."""
        key = self._paid_without_record()
        return lambda: self._pay(key)

    def contradict_without_record(self) -> Attempt:
        """POST /transactions of another body under a claimed key: takes its own record back."""
        key = self._paid_without_record()
        return lambda: self._pay(key, amount=1)

    def open_session(self) -> Attempt:
        """POST /sessions: stores a session."""
        body = {"customerId": "customer-of-privileges"}
        return lambda: self.call("SessionManager", "POST", "/sessions", body)

    def read_session(self) -> Attempt:
        """GET /sessions: finds a session by its id."""
        headers = {"X-Session-Id": self._opened()}
        return lambda: self.call("SessionManager", "GET", "/sessions", headers=headers)

    def end_session(self) -> Attempt:
        """DELETE /sessions: removes a session."""
        headers = {"X-Session-Id": self._opened()}
        return lambda: self.call("SessionManager", "DELETE", "/sessions", headers=headers)

    def _pay(self, key: str, **changes: Any) -> Reply:
        headers = {"Idempotency-Key": key}
        body = payment("customer-of-privileges", **changes)
        return self.call("PaymentProcessor", "POST", "/transactions", body, headers)

    def _paid(self) -> str:
        key = marked()
        assert self._pay(key).status == 201
        return key

    def _paid_without_record(self) -> str:
        """As after a function that died between the payment and the record of its answer."""
        key = self._paid()
        dynamodb, table = self.client("dynamodb"), self.output("data", "IdempotencyTableName")
        for item in dynamodb.scan(TableName=table)["Items"]:
            if not item["id"]["S"].startswith("transaction#"):
                dynamodb.delete_item(TableName=table, Key={"id": item["id"]})
        return key

    def _opened(self) -> str:
        return str(self.open_session()().document["sessionId"])
