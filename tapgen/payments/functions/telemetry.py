"""Logs, traces and metrics. None of them ever holds a body, a header, a token or a session id."""

from __future__ import annotations

import traceback
from enum import Enum

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.metrics import MetricUnit, single_metric
from botocore.exceptions import ClientError

LOGGER = Logger()
# Only the SDK is traced; patching everything that X-Ray knows would import it all.
TRACER = Tracer(patch_modules=["botocore"])


class Metric(Enum):
    """What is counted, under these names and the dimension `service`."""

    TRANSACTIONS_CREATED = "TransactionsCreated"
    IDEMPOTENT_REPLAYS = "IdempotentReplays"
    SESSIONS_CREATED = "SessionsCreated"
    SESSIONS_DELETED = "SessionsDeleted"
    FAILURES = "Failures"  # answers with 500: a new version is taken back for them


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
    """Log an unexpected exception: its types, AWS's codes and the stack, not its text.

    The text of an exception may quote what the client sent (botocore's parameter validation does);
    a code, such as AccessDeniedException, is from a fixed list.
    """
    stack = [
        f"{frame.filename}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    LOGGER.error(message, exception_types=_type_names(error), stack=stack)


def _type_names(error: BaseException) -> list[str]:
    """The type of the exception, then those of its causes; with AWS's code where it is theirs."""
    names = []
    cause: BaseException | None = error
    while cause is not None:
        code = f" {cause.response['Error']['Code']}" if isinstance(cause, ClientError) else ""
        names.append(f"{type(cause).__module__}.{type(cause).__qualname__}{code}")
        cause = cause.__cause__
    return names
