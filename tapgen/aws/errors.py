"""AWS errors in words, each with what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

from tapgen.aws.permission import advice, lacks_permission
from tapgen.errors import TapgenError

_LOGIN = "Sign in again (for instance `aws sso login --profile NAME`) and repeat the command."
_THROTTLED = "AWS is throttling this account. Wait a minute and repeat the command."
_UNKNOWN_KEY = "These credentials do not exist. Check --profile and AWS_PROFILE."
_HINTS: Final[dict[str, str]] = {
    "ExpiredToken": _LOGIN,
    "ExpiredTokenException": _LOGIN,
    "InvalidClientTokenId": _UNKNOWN_KEY,
    "InsufficientCapabilitiesException": "This is a bug in tapgen: it asked for too little.",
    "LimitExceededException": "An AWS quota is reached; raise it in Service Quotas or free some.",
    "RequestExpired": "Check this machine's clock.",
    "Throttling": _THROTTLED,
    "ThrottlingException": _THROTTLED,
    "UnrecognizedClientException": _UNKNOWN_KEY,
}
_UNAVAILABLE: Final = frozenset(
    {
        "500",  # what S3 answers to HEAD has no body, so the status is all there is
        "503",
        "InternalFailure",
        "InternalServerError",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_NO_CREDENTIALS = (
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)


# The request may have taken effect all the same.
LOST_ANSWER: Final = (ConnectionClosedError, ReadTimeoutError)


def retried(error: ClientError) -> bool:
    """Whether the request was sent more than once, so that the error may be its own echo."""
    return int(error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0)) > 0


class UnavailableError(TapgenError):
    """AWS gave no usable answer this time, after all retries: asking once more may help."""


def code_of(error: ClientError) -> str:
    """The error code that AWS gave, for instance "ValidationError"."""
    return str(error.response.get("Error", {}).get("Code", ""))


def message_of(error: ClientError) -> str:
    """The message that AWS gave."""
    return str(error.response.get("Error", {}).get("Message", "")) or str(error)


@contextmanager
def explained(doing: str) -> Iterator[None]:
    """Turn what botocore raises into a `TapgenError` that begins with what was being done."""
    try:
        yield
    except ClientError as error:
        code = code_of(error)
        kind = UnavailableError if code in _UNAVAILABLE else TapgenError
        hint = advice(error) if lacks_permission(error) else _HINTS.get(code, "")
        raise kind(f"{doing}: {code}: {message_of(error)}", hint) from error
    except _NO_CREDENTIALS as error:
        raise TapgenError(f"{doing}: {error}", f"No usable credentials. {_LOGIN}") from error
    except EndpointConnectionError as error:
        raise UnavailableError(
            f"{doing}: {error}", "Check the network, and AWS_ENDPOINT_URL if it is set."
        ) from error
    except LOST_ANSWER as error:
        raise UnavailableError(
            f"{doing}: {error}", "Repeat the command; nothing was lost."
        ) from error
    except BotoCoreError as error:
        raise TapgenError(f"{doing}: {error}", "Repeat the command; nothing was lost.") from error
