"""A transaction: the client's request, the stored item, and the response."""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any

from pydantic import Field

from .aws_clients import DynamoDB
from .bodies import StrictModel
from .money import Amount, Currency

# Letters, digits, dash and underscore: safe in a URL, a log and a DynamoDB key.
CustomerId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
# Opaque here: visible ASCII, as vaults issue it.
PaymentToken = Annotated[str, Field(pattern=r"^[!-~]{8,255}$", repr=False)]
# 140 characters, the limit for a payment in ISO 20022, and no control characters.
Reference = Annotated[str, Field(pattern=r"^[^\p{C}\p{Zl}\p{Zp}]{1,140}$")]

_TRANSACTION_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class PaymentRequest(StrictModel):
    """The body of POST /transactions."""

    amount: Amount
    currency: Currency
    customer_id: CustomerId
    payment_token: PaymentToken
    reference: Reference | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """A stored payment. `amount` is in minor units, `timestamp` in milliseconds since the epoch.

    Only the SHA-256 of the token is stored: enough to match the transaction with the card vault's
    records, but not to charge the card.
    """

    transaction_id: str
    timestamp: int
    amount: int
    currency: str
    customer_id: str
    payment_token_digest: str
    reference: str | None

    @classmethod
    def accept(cls, payment: PaymentRequest) -> "Transaction":
        """A new transaction with a random id, which cannot be guessed to read the transaction."""
        return cls(
            transaction_id=str(uuid.uuid4()),
            timestamp=int(datetime.now(UTC).timestamp() * 1000),
            amount=payment.amount,
            currency=payment.currency,
            customer_id=payment.customer_id,
            payment_token_digest=sha256(payment.payment_token.encode()).hexdigest(),
            reference=payment.reference,
        )

    @classmethod
    def from_item(cls, item: dict[str, Any]) -> "Transaction":
        return cls(
            transaction_id=item["transactionId"]["S"],
            timestamp=int(item["timestamp"]["N"]),
            amount=int(item["amount"]["N"]),
            currency=item["currency"]["S"],
            customer_id=item["customerId"]["S"],
            payment_token_digest=item["paymentTokenDigest"]["S"],
            reference=item["reference"]["S"] if "reference" in item else None,
        )

    def item(self) -> dict[str, Any]:
        """The DynamoDB item, in the low-level client's notation."""
        item = {
            "transactionId": {"S": self.transaction_id},
            "timestamp": {"N": str(self.timestamp)},
            "amount": {"N": str(self.amount)},
            "currency": {"S": self.currency},
            "customerId": {"S": self.customer_id},
            "paymentTokenDigest": {"S": self.payment_token_digest},
        }
        if self.reference is not None:
            item["reference"] = {"S": self.reference}
        return item

    def document(self) -> dict[str, Any]:
        """The response to clients, with `reference` only if they sent one."""
        created = datetime.fromtimestamp(self.timestamp / 1000, UTC)
        document: dict[str, Any] = {
            "transactionId": self.transaction_id,
            "customerId": self.customer_id,
            "amount": self.amount,
            "currency": self.currency,
            "createdAt": created.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        if self.reference is not None:
            document["reference"] = self.reference
        return document


def find(dynamodb: DynamoDB, table: str, transaction_id: str) -> Transaction | None:
    """The transaction with that id, or None. An impossible id makes no call."""
    if not _TRANSACTION_ID.fullmatch(transaction_id):
        return None
    found = dynamodb.query(
        TableName=table,
        KeyConditionExpression="transactionId = :id",
        ExpressionAttributeValues={":id": {"S": transaction_id}},
        ConsistentRead=True,  # a client may read it right after the 201
        Limit=1,
    )
    return Transaction.from_item(found["Items"][0]) if found["Items"] else None
