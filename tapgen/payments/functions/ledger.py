"""Storing a payment exactly once per Idempotency-Key, even if a function dies in between.

There are two safeguards, because neither is enough alone:

1. Powertools keeps a record per key in the idempotency table. It answers replays, detects a
   different body by its fingerprint, and rejects a second request while the first one is running.
2. That record is written after the transaction, in a separate call. A function that dies between
   the two leaves a stored payment behind a lock that expires, and the client's retry would store
   it again. A condition on the transaction cannot prevent this, because its primary key contains a
   time. So one TransactWriteItems writes the transaction and a claim, `transaction#<key>` in the
   idempotency table, and fails if the claim exists. In that case, the claim names the transaction
   that already belongs to the key, and that one is returned.

A key belongs to the caller that the API's authorizer names, not to the customer in the body. The
body must stay part of the comparison, or another customer with the same key would count as a new
payment. Without an authorizer, all callers share one key space. Another caller's key then results
in 422, never in that caller's payment, because a replay needs the same body, including the token.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, cast

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyInconsistentStateError,
    IdempotencyValidationError,
)
from aws_lambda_powertools.utilities.idempotency.serialization.custom_dict import (
    CustomDictSerializer,
)
from botocore.exceptions import ClientError

from .problems import Kind, ProblemError, retry_later
from .transactions import PaymentRequest, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools.utilities.typing import LambdaContext

    from .aws_clients import DynamoDB
    from .settings import PaymentSettings


@dataclass(frozen=True, slots=True)
class Claim:
    """A client's claim that an Idempotency-Key stands for a body, both as SHA-256 in hexadecimal.

    With digests, keys and bodies stay out of the idempotency table and of Powertools' logs.
    """

    key: str
    fingerprint: str

    @classmethod
    def of(cls, caller: str, key: str, payment: PaymentRequest) -> Claim:
        """Two bodies are equal if their values are. White space and field order do not matter."""
        return cls(
            key=_digest([caller, key]),
            fingerprint=_digest(payment.model_dump(mode="json")),
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """The transaction that a key stands for. `replayed` if an earlier request stored it."""

    transaction: Transaction
    replayed: bool


class Ledger:
    """Stores payments in the transactions table and their claims in the idempotency table."""

    def __init__(self, dynamodb: DynamoDB, settings: PaymentSettings) -> None:
        self._dynamodb = dynamodb
        self._settings = settings
        self._config = IdempotencyConfig(
            event_key_jmespath="key",
            payload_validation_jmespath="fingerprint",
            raise_on_no_idempotency_key=True,
            expires_after_seconds=settings.idempotency_ttl_seconds,
            hash_function="sha256",
        )
        layer = DynamoDBPersistenceLayer(
            table_name=settings.idempotency_table, boto3_client=cast("Any", dynamodb)
        )
        self._store_once: Callable[..., Entry] = idempotent_function(
            self._store,
            data_keyword_argument="claim",
            persistence_store=layer,
            config=self._config,
            output_serializer=CustomDictSerializer(_to_record, _from_record),
            key_prefix="request",
        )

    def enter(self, payment: PaymentRequest, claim: Claim, context: LambdaContext) -> Entry:
        """Store the payment, unless the claim's key already has one. Returns the key's payment.

        Raises ProblemError: 422 if the key stands for a different body, 409 while another request
        with it is running. A lock ends with its invocation, by `context`.
        """
        self._config.register_lambda_context(context)
        try:
            return self._store_once(payment=payment, claim=claim)
        except IdempotencyValidationError:
            raise _key_reused() from None
        except (IdempotencyAlreadyInProgressError, IdempotencyInconsistentStateError):
            raise retry_later(
                Kind.IN_PROGRESS, "A request with this Idempotency-Key is running; try again."
            ) from None

    def _store(self, *, payment: PaymentRequest, claim: Claim) -> Entry:
        transaction = Transaction.accept(payment)
        try:
            self._dynamodb.transact_write_items(TransactItems=self._writes(transaction, claim))
        except ClientError as error:
            held = _held_claim(error)
            if held is None:
                raise
            return Entry(self._claimed(held, claim), replayed=True)
        return Entry(transaction, replayed=False)

    def _writes(self, transaction: Transaction, claim: Claim) -> list[dict[str, Any]]:
        """The claim comes first, because `_held_claim` reads the first reason of a failure."""
        now = int(time.time())
        marker = {
            "TableName": self._settings.idempotency_table,
            "Item": {
                "id": {"S": f"transaction#{claim.key}"},
                "fingerprint": {"S": claim.fingerprint},
                "transactionId": {"S": transaction.transaction_id},
                "timestamp": {"N": str(transaction.timestamp)},
                "expiration": {"N": str(now + self._settings.idempotency_ttl_seconds)},
            },
            # DynamoDB deletes expired items up to days late, so the time of expiry counts.
            "ConditionExpression": "attribute_not_exists(id) OR expiration < :now",
            "ExpressionAttributeValues": {":now": {"N": str(now)}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        payment = {"TableName": self._settings.transactions_table, "Item": transaction.item()}
        return [{"Put": marker}, {"Put": payment}]

    def _claimed(self, held: dict[str, Any], claim: Claim) -> Transaction:
        if held["fingerprint"]["S"] != claim.fingerprint:
            raise _key_reused()
        found = self._dynamodb.get_item(
            TableName=self._settings.transactions_table,
            Key={name: held[name] for name in ("transactionId", "timestamp")},
            ConsistentRead=True,
        )
        return Transaction.from_item(found["Item"])


def _held_claim(error: ClientError) -> dict[str, Any] | None:
    """The claim that made a write fail; None if something else did."""
    response: dict[str, Any] = {**error.response}
    first: dict[str, Any] = next(iter(response.get("CancellationReasons", ())), {})
    return first["Item"] if first.get("Code") == "ConditionalCheckFailed" else None


def _key_reused() -> ProblemError:
    return ProblemError(
        Kind.KEY_REUSED,
        "Use a new Idempotency-Key for a new payment, or send the first body again.",
    )


def _digest(value: Any) -> str:
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _to_record(entry: Entry) -> dict[str, Any]:
    return asdict(entry.transaction)


def _from_record(record: dict[str, Any]) -> Entry:
    """A result from the store is a replay."""
    return Entry(Transaction(**record), replayed=True)
