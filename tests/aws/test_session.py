"""The session's short cuts give what botocore gives by itself."""

from __future__ import annotations

import gc
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSRequestPreparer, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.session import Session
from botocore.utils import parse_timestamp
from hypothesis import given
from hypothesis import strategies as st

from tapgen.aws.account import Account, Connection
from tapgen.aws.session import _encode_once, _timestamp, new_session

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_are_read_as_botocore_reads_them(time: datetime) -> None:
    for text in (time.isoformat(), time.isoformat(timespec="milliseconds").replace("+00:00", "Z")):
        found = _timestamp(text)
        assert found == parse_timestamp(text)
        assert str(found) == str(parse_timestamp(text))


@pytest.mark.parametrize(
    "value",
    [
        1_700_000_000,
        1_700_000_000.25,
        "1700000000",
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "2026-11-23T19:00:00.000Z",
        "2026-11-23 19:00:00 GMT",
    ],
)
def test_times_in_other_forms_are_left_to_botocore(value: Any) -> None:
    assert _timestamp(value) == parse_timestamp(value)


class Recorder:
    """A client of the session that sends nothing, and keeps what it would have sent."""

    def __init__(self, session: Session) -> None:
        self.client: Any = session.create_client(
            "cloudformation", "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
        )
        self.client.meta.events.register("before-send.cloudformation", self._answer)

    def created(self, template: str) -> AWSPreparedRequest:
        """The request for a change set."""
        self.client.create_change_set(
            StackName="stack",
            ChangeSetName="name",
            ClientToken="token",
            TemplateBody=template,
            Capabilities=[],
            Tags=[{"Key": "a b", "Value": "ü&="}],
            Parameters=[{"ParameterKey": "P", "UsePreviousValue": True}],
        )
        return self.sent

    def _answer(self, request: AWSPreparedRequest, **_: Any) -> Any:
        self.sent = request
        return AWSResponse(request.url, 200, HTTPHeaders(), self)

    def stream(self, **_: Any) -> list[bytes]:
        name = "CreateChangeSetRes"
        return [f"<{name}ponse><{name}ult/></{name}ponse>".encode()]


@pytest.fixture(scope="module")
def recorders() -> tuple[Recorder, Recorder]:
    """One of ours, one of botocore's."""
    return Recorder(new_session()), Recorder(Session())


@given(template=TEXTS)
def test_a_request_is_the_same_bytes(recorders: tuple[Recorder, Recorder], template: str) -> None:
    ours, theirs = (recorder.created(f"x{template}") for recorder in recorders)
    assert ours.body == str(theirs.body).encode()
    assert ours.headers["Content-Length"] == theirs.headers["Content-Length"]
    assert ours.headers["Content-Type"] == theirs.headers["Content-Type"]


def test_a_request_is_encoded_once(
    recorders: tuple[Recorder, Recorder], monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded = []
    prepare = AWSRequestPreparer._prepare_body  # type: ignore[attr-defined]

    def noting(self: Any, original: Any) -> Any:
        encoded.append(isinstance(original.data, dict))
        return prepare(self, original)

    monkeypatch.setattr(AWSRequestPreparer, "_prepare_body", noting)
    for recorder in recorders:
        recorder.created("template")
    assert encoded == [False, False, True, True]


def test_answers_of_other_protocols_are_left_alone() -> None:
    """Only what is a form has parameters to encode."""
    params = {"body": b"{}"}
    _encode_once(params=params)
    assert params == {"body": b"{}"}


@pytest.mark.parametrize("enabled", [True, False])
def test_a_client_is_made_without_collecting_garbage(enabled: bool) -> None:
    collections: list[str] = []
    gc.callbacks.append(lambda phase, _: collections.append(phase))
    account = Account("123456789012", Connection(local=True, endpoint_url="http://127.0.0.1:9"))
    frozen = gc.get_freeze_count()
    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        gc.collect()
        collections.clear()
        account.client("dynamodb", "eu-west-1")
        assert gc.isenabled() is enabled
        assert gc.get_freeze_count() > frozen + 10_000
    finally:
        gc.callbacks.pop()
        (gc.enable if before else gc.disable)()
        gc.unfreeze()
