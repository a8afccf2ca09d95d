"""A customer's session. Its id is a secret: it gives access to the session."""

import re
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from botocore.exceptions import ClientError

from .aws_clients import DynamoDB
from .bodies import StrictModel
from .settings import SessionSettings
from .transactions import CustomerId

_ID_BYTES = 32  # 256 random bits, which cannot be guessed
_ID = re.compile(r"[A-Za-z0-9_-]{43}")  # their form in base64url


class SessionRequest(StrictModel):
    """The body of POST /sessions."""

    customer_id: CustomerId


@dataclass(frozen=True, slots=True)
class Session:
    """A session; times in seconds since the epoch."""

    session_id: str
    customer_id: str
    created_at: int
    expires_at: int

    def document(self) -> dict[str, Any]:
        return {
            "sessionId": self.session_id,
            "customerId": self.customer_id,
            "createdAt": _utc(self.created_at),
            "expiresAt": _utc(self.expires_at),
        }


class Sessions:
    """The sessions table. It stores digests of ids, so its content gives access to no session.

    DynamoDB deletes expired items up to days late. They count as deleted here from their expiry.
    """

    def __init__(self, dynamodb: DynamoDB, settings: SessionSettings) -> None:
        self._dynamodb = dynamodb
        self._settings = settings

    def create(self, customer_id: str) -> Session:
        now = int(time.time())
        session = Session(
            session_id=secrets.token_urlsafe(_ID_BYTES),
            customer_id=customer_id,
            created_at=now,
            expires_at=now + self._settings.session_ttl_seconds,
        )
        self._dynamodb.put_item(
            TableName=self._settings.sessions_table,
            Item={
                **_key(session.session_id),
                "customerId": {"S": session.customer_id},
                "createdAt": {"N": str(session.created_at)},
                "expiresAt": {"N": str(session.expires_at)},
            },
            ConditionExpression="attribute_not_exists(sessionId)",
        )
        return session

    def find(self, session_id: str) -> Session | None:
        """The session with that id, or None if there is none or it has expired."""
        if not _ID.fullmatch(session_id):
            return None
        item = self._dynamodb.get_item(
            TableName=self._settings.sessions_table, Key=_key(session_id), ConsistentRead=True
        ).get("Item")
        if item is None or int(item["expiresAt"]["N"]) <= time.time():
            return None
        return Session(
            session_id=session_id,
            customer_id=item["customerId"]["S"],
            created_at=int(item["createdAt"]["N"]),
            expires_at=int(item["expiresAt"]["N"]),
        )

    def delete(self, session_id: str) -> bool:
        """End a session. False if there was none, or it had expired."""
        if not _ID.fullmatch(session_id):
            return False
        try:
            self._dynamodb.delete_item(
                TableName=self._settings.sessions_table,
                Key=_key(session_id),
                ConditionExpression="expiresAt > :now",
                ExpressionAttributeValues={":now": {"N": str(int(time.time()))}},
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return False
            raise
        return True


def _key(session_id: str) -> dict[str, Any]:
    return {"sessionId": {"S": sha256(session_id.encode()).hexdigest()}}


def _utc(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
