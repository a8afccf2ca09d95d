"""A lease in SSM, and what AWS may answer about it and the local AWS does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber

from tapgen.aws.account import Account, Connection
from tapgen.aws.errors import UnavailableError
from tapgen.aws.lease import Held, Lease
from tapgen.errors import TapgenError

if TYPE_CHECKING:
    from tests.lab import Lab

NAME = "/tapgen/a/lock"
HELD = Held({"by": "them"}, 4)
OURS = {"by": "us"}


def leased() -> tuple[Lease, Stubber]:
    account = Account("123456789012", Connection(endpoint_url="http://localhost:9", local=True))
    lease = Lease(account, "us-east-1", NAME)
    return lease, Stubber(account.client("ssm", "us-east-1"))


@pytest.fixture
def lease(lab: Lab) -> Lease:
    account = Account(lab.account, Connection(endpoint_url=lab.local.endpoint_url, local=True))
    return Lease(account, "us-east-1", NAME)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    pauses: list[float] = []
    monkeypatch.setattr("tapgen.aws.lease.sleep", pauses.append)
    return pauses


def entry(document: str, version: int, written: datetime | None = None) -> dict[str, Any]:
    return {
        "Parameter": {
            "Value": document,
            "Version": version,
            "LastModifiedDate": written or datetime.now(UTC),
        },
        "ResponseMetadata": {"HTTPHeaders": {}},
    }


def test_what_nobody_has_is_taken_renewed_given_back_and_taken_again(lease: Lease) -> None:
    nobody = lease.read()
    assert (nobody.document, nobody.version) == ({}, 0)
    documents: list[dict[str, Any]] = [{"n": 1}, {"n": 2}, {"over": True}, {"n": 3}]
    for number, document in enumerate(documents, start=1):
        assert lease.replace(lease.read(), document)
        held = lease.read()
        assert (held.document, held.version) == (document, number)


def test_of_two_that_write_over_the_same_version_one_has_it(lease: Lease) -> None:
    assert lease.replace(lease.read(), {"by": "the one before"})
    before = lease.read()
    assert lease.replace(before, OURS)
    assert not lease.replace(before, {"by": "them"})
    assert not lease.replace(before, {"by": "another"})
    held = lease.read()
    assert (held.document, held.version) == (OURS, 4)  # what they wrote does not count
    assert lease.replace(held, {"by": "us", "again": 1})
    assert lease.read().document == {"by": "us", "again": 1}


def test_of_two_that_make_it_one_has_it(lease: Lease) -> None:
    nobody = lease.read()
    assert lease.replace(nobody, OURS)
    assert not lease.replace(nobody, {"by": "them"})
    assert lease.read().document == OURS


def test_a_lease_that_somebody_deleted_meanwhile_is_nobodys(lease: Lease, lab: Lab) -> None:
    assert lease.replace(lease.read(), OURS)
    held = lease.read()
    assert lease.replace(held, {"by": "us", "again": 1})
    again = lease.read()
    lab.client("ssm").delete_parameter(Name=NAME)
    assert not lease.replace(again, {"by": "us", "again": 2})
    assert lease.read().document == {}


def test_what_was_written_over_a_parameter_that_is_gone_does_not_count() -> None:
    lease, stubber = leased()
    stubber.add_response("get_parameter", entry('{"by": "us", "after": 4}', 1))
    with stubber:
        assert lease.read() == Held({}, 1)


@pytest.mark.parametrize("text", ["no JSON", "[1]"])
def test_what_somebody_wrote_by_hand_counts(lease: Lease, lab: Lab, text: str) -> None:
    lab.client("ssm").put_parameter(Name=NAME, Type="String", Value=text)
    assert lease.read().document


def test_a_request_that_was_sent_again_is_recognised() -> None:
    lease, stubber = leased()
    stubber.add_response("put_parameter", {"Version": 6})
    stubber.add_response("get_parameter", entry('{"by": "us", "after": 4}', 5))
    with stubber:
        assert lease.replace(HELD, OURS)


def test_a_creation_that_was_sent_again_is_recognised() -> None:
    lease, stubber = leased()
    stubber.add_client_error("put_parameter", "ParameterAlreadyExists", http_status_code=400)
    stubber.add_response("get_parameter", entry('{"by": "us", "after": 0}', 1))
    with stubber:
        assert lease.replace(Held({}, 0), OURS)


def test_a_version_that_is_gone_is_nobodys_victory() -> None:
    lease, stubber = leased()
    stubber.add_response("put_parameter", {"Version": 6})
    stubber.add_client_error("get_parameter", "ParameterVersionNotFound", http_status_code=400)
    with stubber:
        assert not lease.replace(HELD, OURS)


def test_writes_at_the_same_time_are_tried_again(patient: list[float]) -> None:
    lease, stubber = leased()
    for _ in range(2):
        stubber.add_client_error("put_parameter", "TooManyUpdates", http_status_code=400)
    stubber.add_response("put_parameter", {"Version": 5})
    with stubber:
        assert lease.replace(HELD, OURS)
    assert len(patient) == 2


def test_where_others_write_all_the_time_nothing_is_known(patient: list[float]) -> None:
    lease, stubber = leased()
    for _ in range(5):
        stubber.add_client_error("put_parameter", "TooManyUpdates", http_status_code=400)
    stubber.add_response("get_parameter", entry('{"by": "them", "after": 4}', 5))
    with stubber, pytest.raises(TapgenError, match=f"writing {NAME}: TooManyUpdates"):
        lease.replace(HELD, OURS)
    assert len(patient) == 5


def test_without_a_date_the_clock_here_has_to_do() -> None:
    lease, stubber = leased()
    stubber.add_response("get_parameter", entry("{}", 4))
    with stubber:
        assert 0 <= lease.read().age_seconds < 5


def test_what_was_just_written_is_not_from_the_future() -> None:
    """The answer's own time has whole seconds, the parameter's has more."""
    lease, stubber = leased()
    later = datetime.now(UTC) + timedelta(seconds=0.9)
    stubber.add_response("get_parameter", entry("{}", 4, later))
    with stubber:
        assert str(lease.read().age_seconds) == "0.0"


@pytest.mark.parametrize("written", [True, False])
def test_whether_an_unanswered_writing_took_effect_is_looked_up(*, written: bool) -> None:
    lease, stubber = leased()
    stubber.add_client_error("put_parameter", "InternalServerError", http_status_code=500)
    stubber.add_response(
        "get_parameter", entry(json.dumps({**(OURS if written else {"by": "x"}), "after": 4}), 5)
    )
    with stubber:
        if written:
            assert lease.replace(HELD, OURS)
        else:
            with pytest.raises(UnavailableError, match="writing /tapgen/a/lock"):
                lease.replace(HELD, OURS)


@pytest.mark.parametrize(
    ("operation", "call"),
    [
        ("get_parameter", lambda lease: lease.read()),
        ("put_parameter", lambda lease: lease.replace(HELD, OURS)),
    ],
)
def test_a_missing_permission_is_told(operation: str, call: Callable[[Lease], Any]) -> None:
    lease, stubber = leased()
    stubber.add_client_error(operation, "AccessDeniedException", "no", http_status_code=400)
    with stubber, pytest.raises(TapgenError, match="/tapgen/a/lock: AccessDenied") as raised:
        call(lease)
    assert "lack this permission" in raised.value.hint
