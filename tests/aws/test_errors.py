"""AWS errors in words."""

from __future__ import annotations

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    ReadTimeoutError,
    WaiterError,
)

from tapgen.aws.errors import UnavailableError, code_of, explained, message_of, retried
from tapgen.errors import TapgenError

HINTS = {
    "ExpiredToken": "Sign in again",
    "ExpiredTokenException": "Sign in again",
    "AccessDenied": "lack this permission",
    "AccessDeniedException": "lack this permission",
    "403": "lack this permission",
    "Throttling": "throttling this account",
    "ThrottlingException": "throttling this account",
    "InvalidClientTokenId": "Check --profile",
    "UnrecognizedClientException": "Check --profile",
    "RequestExpired": "clock",
    "RequestTimeTooSkewed": "clock",
    "SignatureDoesNotMatch": "clock",
    "InvalidSignatureException": "secret access key",
    "OptInRequired": "Switch it on",
    "LimitExceededException": "Service Quotas",
    "InsufficientCapabilitiesException": "bug in tapgen",
    "ValidationError": "",
}


@pytest.mark.parametrize("code", HINTS)
def test_what_aws_refuses_comes_with_what_to_do(code: str) -> None:
    error = ClientError({"Error": {"Code": code, "Message": "Rate exceeded"}}, "DescribeStacks")
    with pytest.raises(TapgenError) as raised, explained("describing stack x"):
        raise error
    assert raised.value.message == f"describing stack x: {code}: Rate exceeded"
    assert HINTS[code] in raised.value.hint
    assert bool(raised.value.hint) == bool(HINTS[code])
    assert raised.value.__cause__ is error


def test_an_answer_without_code_or_message_is_still_told() -> None:
    error = ClientError({}, "DescribeStacks")
    assert code_of(error) == ""
    assert "DescribeStacks" in message_of(error)


@pytest.mark.parametrize(
    "error",
    [ReadTimeoutError(endpoint_url="https://x"), WaiterError("table", "Max attempts", {})],
)
def test_other_failures_of_the_library_can_be_repeated(error: Exception) -> None:
    with pytest.raises(TapgenError, match=r"^reading x: ") as raised, explained("reading x"):
        raise error
    assert raised.value.hint == "Repeat the command; nothing was lost."


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "ServiceUnavailable", "Message": "busy"}}, "DescribeStacks"),
        ClientError({"Error": {"Code": "503"}}, "HeadObject"),
        ClientError({"Error": {"Code": "500"}}, "HeadObject"),
        ClientError(
            {"Error": {"Code": "Odd"}, "ResponseMetadata": {"HTTPStatusCode": 502}},  # type: ignore[typeddict-item] # a part of it
            "DescribeStacks",
        ),
        ConnectionClosedError(endpoint_url="https://x"),
        EndpointConnectionError(endpoint_url="https://x", error="refused"),
    ],
)
def test_what_may_pass_is_told_apart(error: Exception) -> None:
    with pytest.raises(UnavailableError), explained("reading x"):
        raise error


def test_the_echo_of_a_retry_is_known() -> None:
    assert not retried(ClientError({}, "ExecuteChangeSet"))
    answer = {"ResponseMetadata": {"RetryAttempts": 1}}
    assert retried(ClientError(answer, "ExecuteChangeSet"))  # type: ignore[arg-type]  # a part of it
