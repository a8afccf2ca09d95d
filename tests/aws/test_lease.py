"""What AWS may answer about a lease and the local AWS does not (`deploy/target/test_lock.py`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from tapgen.aws.account import Account, Connection
from tapgen.aws.lease import Held, Lease
from tapgen.errors import TapgenError

HELD = Held("theirs", 4, 0.0)


def leased() -> tuple[Lease, Stubber]:
    account = Account("123456789012", Connection(endpoint_url="http://localhost:9", local=True))
    lease = Lease(account, "us-east-1", "/tapgen/a/lock")
    return lease, Stubber(account.client("ssm", "us-east-1"))


def test_writes_at_the_same_time_leave_one_winner() -> None:
    lease, stubber = leased()
    stubber.add_client_error("put_parameter", "TooManyUpdates", http_status_code=400)
    with stubber:
        assert not lease.replace(HELD, "ours")


def test_a_version_that_is_gone_is_nobodys_victory() -> None:
    lease, stubber = leased()
    stubber.add_response("put_parameter", {"Version": 6})
    stubber.add_client_error("get_parameter", "ParameterVersionNotFound", http_status_code=400)
    with stubber:
        assert not lease.replace(HELD, "ours")


def test_without_a_date_the_clock_here_has_to_do() -> None:
    lease, stubber = leased()
    parameter = {"Value": "theirs", "Version": 4, "LastModifiedDate": datetime.now(UTC)}
    metadata: dict[str, Any] = {"HTTPHeaders": {}}
    stubber.add_response("get_parameter", {"Parameter": parameter, "ResponseMetadata": metadata})
    with stubber:
        held = lease.read()
    assert held is not None
    assert 0 <= held.age_seconds < 5


@pytest.mark.parametrize(
    ("operation", "call"),
    [
        ("get_parameter", lambda lease: lease.read()),
        ("put_parameter", lambda lease: lease.take("ours")),
        ("delete_parameter", lambda lease: lease.delete()),
    ],
)
def test_a_missing_permission_is_told(operation: str, call: Callable[[Lease], Any]) -> None:
    lease, stubber = leased()
    stubber.add_client_error(operation, "AccessDeniedException", "no", http_status_code=400)
    with stubber, pytest.raises(TapgenError, match="/tapgen/a/lock: AccessDenied") as raised:
        call(lease)
    assert "lack this permission" in raised.value.hint
