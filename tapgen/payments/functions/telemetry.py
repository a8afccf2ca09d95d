"""Logs, traces and metrics. They never contain a body, a header, a token or a session id."""

from __future__ import annotations

import traceback
from enum import Enum

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.metrics import MetricUnit, single_metric
from botocore.exceptions import ClientError

LOGGER = Logger()
# Only the SDK is traced. Patching everything that X-Ray supports would import all of it.
TRACER = Tracer(patch_modules=["botocore"])


class Metric(Enum):
    """Names of the metrics, which have the dimension `service`."""

    TRANSACTIONS_CREATED = "TransactionsCreated"
    IDEMPOTENT_REPLAYS = "IdempotentReplays"
    SESSIONS_CREATED = "SessionsCreated"
    SESSIONS_DELETED = "SessionsDeleted"
    FAILURES = "Failures"  # responses with 500: they roll a new version back


def count(metric: Metric) -> None:
    """Add one to a metric, written to the log in CloudWatch's embedded metric format."""
    with single_metric(
        name=metric.value,
        unit=MetricUnit.Count,
        value=1,
        default_dimensions={"service": LOGGER.service},
    ):
        pass  # one value without further dimensions


def log_failure(message: str, error: BaseException) -> None:
    """Log an unexpected exception: its types, AWS's codes and the stack, but not its text.

    The text of an exception may quote the client's input (botocore's parameter validation does). A
    code, such as AccessDeniedException, is from a fixed list.
    """
    stack = [
        f"{frame.filename}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    LOGGER.error(message, exception_types=_type_names(error), stack=stack)


def _type_names(error: BaseException) -> list[str]:
    """The types of the exception and its causes, with AWS's code for errors from AWS."""
    names = []
    cause: BaseException | None = error
    while cause is not None:
        code = f" {cause.response['Error']['Code']}" if isinstance(cause, ClientError) else ""
        names.append(f"{type(cause).__module__}.{type(cause).__qualname__}{code}")
        cause = cause.__cause__
    return names
