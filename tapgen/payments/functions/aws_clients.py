"""The DynamoDB client, and which of its errors the API's client may retry."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any, Protocol, cast

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as BotoConnectionError

# Three attempts of at most 2.5 s each end well before API Gateway gives up at 29 s. Adaptive mode
# also slows this process down while DynamoDB throttles it.
_CONFIG = Config(
    connect_timeout=0.5,
    read_timeout=2.0,
    retries={"mode": "adaptive", "total_max_attempts": 3},
)

# Errors of DynamoDB, besides a status of 500 and above, after which the same call may succeed soon.
_TRANSIENT_CODES = frozenset(
    {
        "ProvisionedThroughputExceeded",  # as a reason why a transaction was cancelled
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingError",  # likewise
        "ThrottlingException",
        "TransactionConflict",  # likewise
        "TransactionInProgressException",
    }
)


class DynamoDB(Protocol):
    """The methods of boto3's low-level client that the functions use."""

    def delete_item(self, **request: Any) -> dict[str, Any]: ...
    def get_item(self, **request: Any) -> dict[str, Any]: ...
    def put_item(self, **request: Any) -> dict[str, Any]: ...
    def query(self, **request: Any) -> dict[str, Any]: ...
    def transact_write_items(self, **request: Any) -> dict[str, Any]: ...


def dynamodb() -> DynamoDB:
    """A low-level client, one per process. boto3 no longer develops resources.

    The SDK's own debug logs contain whole requests, so they are disabled at any log level of the
    function.
    """
    for name in ("boto3", "botocore", "urllib3"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return cast("DynamoDB", boto3.client("dynamodb", config=_CONFIG))


def is_transient(error: BaseException | None) -> bool:
    """Whether a throttle, an outage or a timeout of DynamoDB is the cause of `error`."""
    while error is not None:
        if isinstance(error, (HTTPClientError, BotoConnectionError)):
            return True
        if isinstance(error, ClientError) and _passes_by_itself(error):
            return True
        error = error.__cause__
    return False


def _passes_by_itself(error: ClientError) -> bool:
    response: dict[str, Any] = {**error.response}
    reasons = (reason.get("Code", "None") for reason in response.get("CancellationReasons", ()))
    return response["ResponseMetadata"][
        "HTTPStatusCode"
    ] >= HTTPStatus.INTERNAL_SERVER_ERROR or not _TRANSIENT_CODES.isdisjoint(
        [response["Error"]["Code"], *reasons]
    )
