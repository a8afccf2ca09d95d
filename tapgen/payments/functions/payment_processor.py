"""payment-processor: POST /transactions, GET /transactions/{transactionId}, GET /health."""

from __future__ import annotations

import os
import re
from functools import partial
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.logging import correlation_paths

from . import aws_clients, bodies, transactions
from .answers import Answer
from .card_numbers import has_card_number
from .ledger import Claim, Ledger
from .problems import Kind, ProblemError, invalid
from .routing import Routes, respond
from .settings import PaymentSettings
from .telemetry import LOGGER, TRACER, Metric, count

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from .requests import Request

_KEY = re.compile(r"[ -~]{1,255}")

# Created while Lambda starts the process: the client does not wait for it, and a missing setting
# fails the start instead of a payment.
_SETTINGS = PaymentSettings.from_environment(os.environ)
_DYNAMODB = aws_clients.dynamodb()
_LEDGER = Ledger(_DYNAMODB, _SETTINGS)


@LOGGER.inject_lambda_context(
    correlation_id_path=correlation_paths.API_GATEWAY_REST, log_event=False
)
@TRACER.capture_lambda_handler(capture_response=False, capture_error=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    routes: Routes = {
        "/transactions": {"POST": partial(_create, context=context)},
        "/transactions/{transactionId}": {"GET": _read},
        "/health": {"GET": _health},
    }
    return respond(event, routes)


def _create(request: Request, context: LambdaContext) -> Answer:
    key = _idempotency_key(request)
    payment = bodies.read(request, transactions.PaymentRequest)
    entry = _LEDGER.enter(payment, Claim.of(request.caller, key, payment), context)
    # CloudFront, the only way in, serves the API at the root.
    headers = {"Location": f"/transactions/{entry.transaction.transaction_id}"}
    if entry.replayed:
        headers["Idempotency-Replayed"] = "true"
    count(Metric.IDEMPOTENT_REPLAYS if entry.replayed else Metric.TRANSACTIONS_CREATED)
    return Answer(201, entry.transaction.document(), headers)


def _read(request: Request) -> Answer:
    transaction = transactions.find(
        _DYNAMODB, _SETTINGS.transactions_table, request.path_parameters.get("transactionId", "")
    )
    if transaction is None:
        raise ProblemError(Kind.NOT_FOUND, "There is no transaction with this id.")
    return Answer(200, transaction.document())


def _health(_request: Request) -> Answer:
    """Uses no data: a busy table must not make the function look unhealthy."""
    return Answer(200, {"status": "ok", "version": _SETTINGS.version})


def _idempotency_key(request: Request) -> str:
    key = request.header("Idempotency-Key")
    if key is None:
        raise invalid("The header Idempotency-Key is missing; send a new UUID for every payment.")
    if not _KEY.fullmatch(key):
        raise invalid("The Idempotency-Key must be 1 to 255 printable ASCII characters.")
    if has_card_number(key):
        raise invalid("The Idempotency-Key looks like a card number; send a UUID instead.")
    return key
