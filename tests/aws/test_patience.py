"""Calls that are tried again, and what is said meanwhile."""

from __future__ import annotations

import os
from errno import EMFILE
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from tapgen.aws import patience
from tapgen.aws.errors import UnavailableError, explained
from tests.aws.test_pace import Clock

if TYPE_CHECKING:
    from tests.aws.conftest import Canned

WHOLE = (
    b"<DescribeStacksResponse><DescribeStacksResult><Stacks/></DescribeStacksResult>"
    b"</DescribeStacksResponse>"
)
REFUSAL = b"<ErrorResponse><Error><Code>%b</Code><Message>m</Message></Error></ErrorResponse>"
THROTTLED = REFUSAL % b"Throttling"
BUSY = REFUSAL % b"ServiceUnavailable"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Time that passes by two seconds with every look at it."""

    class Ticking(Clock):
        def monotonic(self) -> float:
            self.now += 2
            return self.now

    ticking = Ticking()
    monkeypatch.setattr(patience, "time", ticking)
    return ticking


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


def test_what_is_no_answer_is_asked_again(canned: Canned) -> None:
    canned.answer(b"<html/>")
    canned.answer(WHOLE[:50])
    canned.answer(WHOLE)
    answer = canned.client("cloudformation").describe_stacks()
    assert answer["Stacks"] == []
    assert answer["ResponseMetadata"]["RetryAttempts"] == 2


def test_throttling_is_waited_out_for_longer_than_botocore_would(
    canned: Canned, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(35):
        canned.answer(THROTTLED, 400)
    canned.answer(WHOLE)
    assert canned.client("cloudformation").describe_stacks()["Stacks"] == []
    assert said(caplog) == [
        "AWS throttles this account (cloudformation DescribeStacks): slowing down"
    ]


def test_where_no_call_gets_through_throttling_is_an_error(canned: Canned, clock: Clock) -> None:
    canned.answer(THROTTLED, 400)
    client = canned.client("cloudformation")
    with pytest.raises(UnavailableError) as raised, explained("listing"):
        client.describe_stacks()
    assert raised.value.hint.startswith("AWS is throttling this account")
    assert 10 <= len(canned.requests) < 40


def test_throttling_ends_somewhere(canned: Canned) -> None:
    canned.answer(THROTTLED, 400)
    client = canned.client("cloudformation")
    with pytest.raises(ClientError):
        client.describe_stacks()
    assert len(canned.requests) == 40


@pytest.mark.parametrize("kind", ["gone", "page", "busy"])
def test_silence_is_told_after_seconds_and_its_end(
    canned: Canned, clock: Clock, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    for _ in range(6):
        match kind:
            case "gone":
                canned.answers.append(
                    EndpointConnectionError(endpoint_url="http://x", error="no\x1b[2K\nroute")
                )
            case "page":
                canned.answer(b"<html/>", kind="text/html")
            case _:
                canned.answer(BUSY, 503)
    canned.answer(WHOLE)
    canned.client("cloudformation").describe_stacks()
    words = {
        "gone": "cloudformation DescribeStacks: Could not connect to the endpoint URL",
        "page": "the answer to cloudformation DescribeStacks is not in AWS's form: HTTP 200",
        "busy": "cloudformation DescribeStacks: ServiceUnavailable",
    }
    first, last = said(caplog)
    assert first.startswith(f"AWS has not answered for 4 s, still trying: {words[kind]}")
    assert first.isprintable()
    assert last == "AWS is answering again"


def test_long_silence_is_told_again(
    canned: Canned, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        canned.answers[:] = [EndpointConnectionError(endpoint_url="http://x", error="no")]
        with pytest.raises(EndpointConnectionError):
            canned.client("cloudformation").describe_stacks()
    assert 2 <= len(said(caplog)) < 10


def test_where_no_more_files_may_be_opened_nobody_waits_for_long(canned: Canned) -> None:
    error = f"[Errno 24] {os.strerror(EMFILE)}"
    canned.answers[:] = [EndpointConnectionError(endpoint_url="http://x", error=error)]
    with pytest.raises(EndpointConnectionError):
        canned.client("cloudformation").describe_stacks()
    assert len(canned.requests) == 3


def test_after_minutes_of_silence_a_call_is_made_only_twice(
    canned: Canned, monkeypatch: pytest.MonkeyPatch
) -> None:
    canned.answers[:] = [EndpointConnectionError(endpoint_url="http://x", error="no")]
    client = canned.client("cloudformation")
    with pytest.raises(EndpointConnectionError):
        client.describe_stacks()
    assert len(canned.requests) == 10
    monkeypatch.setattr(patience, "_HOPELESS", 0.0)
    with pytest.raises(EndpointConnectionError):
        client.describe_stacks()
    assert len(canned.requests) == 12
    canned.answers.clear()
    canned.answer(WHOLE)
    client.describe_stacks()
    canned.answers.clear()
    canned.answer(b"<html/>")
    with pytest.raises(UnavailableError), explained("listing"):
        client.describe_stacks()
    assert len(canned.requests) == 15


def test_pauses_grow_to_twenty_seconds_at_most() -> None:
    assert 0 <= patience._pause(1) <= 1
    assert all(patience._pause(40) <= 20 for _ in range(100))
