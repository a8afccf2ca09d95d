"""AWS errors in words, each with what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ReadTimeoutError,
    UnknownServiceError,
)

from tapgen.aws.answers import UnusableAnswerError
from tapgen.aws.hints import NO_ANSWER, THROTTLED, failure_hint, refusal_hint
from tapgen.errors import TapgenError
from tapgen.settings.faults import guess

_UNAVAILABLE: Final = THROTTLED | {
    "InternalFailure",
    "InternalServerError",
    "ServiceUnavailable",
}
_SERVER_ERRORS: Final = 500
# After these errors, the request may still have taken effect.
LOST_ANSWER: Final = (ConnectionClosedError, ReadTimeoutError, UnusableAnswerError)


def retried(error: ClientError) -> bool:
    """Whether the request was sent more than once, so that the first one may have succeeded."""
    return int(error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0)) > 0


class UnavailableError(TapgenError):
    """AWS gave no usable answer, after all retries: asking again may help."""


class UnableError(Exception):
    """AWS cannot do this with a resource, or tapgen cannot identify it; the message says why."""


def code_of(error: ClientError) -> str:
    """The error code from AWS, for example "ValidationError"."""
    return str(error.response.get("Error", {}).get("Code", ""))


def message_of(error: ClientError) -> str:
    """The error message from AWS."""
    return str(error.response.get("Error", {}).get("Message", "")) or str(error)


@contextmanager
def explained(doing: str) -> Iterator[None]:
    """Turn errors of botocore into a `TapgenError` whose message begins with `doing`."""
    try:
        yield
    except ClientError as error:
        kind = UnavailableError if _is_unavailable(error) else TapgenError
        code = code_of(error)
        hint = refusal_hint(error, code)
        raise kind(f"{doing}: {code}: {message_of(error)}", hint) from error
    except UnusableAnswerError as error:
        raise UnavailableError(f"{doing}: {error.message}", error.hint) from error
    except NO_ANSWER as error:
        reason = str(error).rstrip(".")
        raise UnavailableError(f"{doing}: {reason}", failure_hint(error)) from error
    except UnknownServiceError as error:
        known = error.kwargs["known_service_names"]  # hundreds, which its message lists
        close = guess(error.kwargs["service_name"], list(known))
        hint = f"Did you mean {close}?" if close else "Name it as `aws help` does."
        raise TapgenError(f"{doing}: there is no such service", hint) from error
    except (BotoCoreError, OSError) as error:
        raise TapgenError(f"{doing}: {error}", failure_hint(error)) from error


def _is_unavailable(error: ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = code_of(error)  # for HEAD, which has no body, it is the status
    return code in _UNAVAILABLE or status >= _SERVER_ERRORS or code == "500"
