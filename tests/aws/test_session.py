"""The session is boto3's; models are read once, and times as botocore reads them."""

from __future__ import annotations

import gc
from datetime import UTC, datetime
from typing import Any

import boto3.session
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.loaders import JSONFileLoader
from botocore.utils import parse_timestamp
from hypothesis import given
from hypothesis import strategies as st

from tapgen.aws.account import Account, Connection
from tapgen.aws.session import _loader, _timestamp, new_session

REGION = "eu-west-1"
EVENTS = """
<DescribeStackEventsResponse><DescribeStackEventsResult><StackEvents><member>
<StackId>arn</StackId><EventId>e</EventId><StackName>s</StackName>
<Timestamp>2026-11-23T19:00:00.250Z</Timestamp>
</member></StackEvents></DescribeStackEventsResult></DescribeStackEventsResponse>
"""


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


class Answer:
    """The body of an answer, as urllib3 gives it."""

    def stream(self, **_: Any) -> list[bytes]:
        return [EVENTS.encode()]


def test_times_in_answers_are_read_without_looking_for_their_format(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: list[str] = []
    monkeypatch.setattr("dateutil.parser.parse", lambda text, **_: looked.append(text))

    def answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        return AWSResponse(request.url, 200, HTTPHeaders(), Answer())

    found = []
    for session in (new_session(), boto3.session.Session()):
        client = session.client(
            "cloudformation", REGION, aws_access_key_id="a", aws_secret_access_key="b"
        )
        client.meta.events.register("before-send.cloudformation", answer)
        (event,) = client.describe_stack_events(StackName="s")["StackEvents"]
        found.append(event.get("Timestamp"))
    assert found[0] == datetime(2026, 11, 23, 19, 0, 0, 250_000, UTC)
    assert looked == ["2026-11-23T19:00:00.250Z"]  # by the other session


def test_service_models_are_read_once_for_all_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    load = JSONFileLoader.load_file

    def noting(self: JSONFileLoader, path: str) -> Any:
        read.append(path)
        return load(self, path)

    monkeypatch.setattr(JSONFileLoader, "load_file", noting)
    _loader.cache_clear()
    counts = []
    for _ in range(2):
        new_session().client("sts", REGION)
        counts.append(len(read))
    assert any("/sts/" in path for path in read)
    assert counts[0] == counts[1]


def test_models_of_ones_own_are_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """AWS_DATA_PATH: where the user of botocore keeps models that it does not have."""
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    folder = tmp_path / "mine" / "2026-01-01"
    folder.mkdir(parents=True)
    (folder / "service-2.json").write_text("{}")
    services = new_session().get_available_services()
    assert {"mine", "sts"} <= set(services)


@pytest.fixture
def account() -> Account:
    """An account that nobody answers for."""
    return Account("123456789012", Connection(local=True, endpoint_url="http://127.0.0.1:9"))


def test_the_garbage_collector_leaves_alone_what_clients_are_made_of(account: Account) -> None:
    frozen = gc.get_freeze_count()
    try:
        client = account.client("dynamodb", REGION)
        assert gc.get_freeze_count() > frozen + 10_000
        assert not any(one is client for one in gc.get_objects())  # what it would go through
    finally:
        gc.unfreeze()


def test_calls_say_who_makes_them(account: Account) -> None:
    agents: list[str] = []
    client = account.client("sts", REGION)

    def note(request: AWSPreparedRequest, **_: Any) -> None:
        agents.append(str(request.headers["User-Agent"]))
        raise InterruptedError

    client.meta.events.register("before-send.sts", note)
    with pytest.raises(InterruptedError):
        client.get_caller_identity()
    assert "Boto3/" in agents[0]
    assert "tapgen/" in agents[0]
