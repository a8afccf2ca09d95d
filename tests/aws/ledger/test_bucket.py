"""The ledger bucket: what is written once stays, and of two that write at once one has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from tapgen.aws.account import Account
from tapgen.aws.ledger.bucket import LedgerBucket
from tapgen.errors import TapgenError

if TYPE_CHECKING:
    from tests.aws.conftest import Canned

REGION = "us-east-1"
ACCOUNT = "800000000001"


@pytest.fixture
def bucket(account: Account) -> LedgerBucket:
    name = f"lab-ledger-{account.account_id}"
    account.client("s3", REGION).create_bucket(Bucket=name)
    return LedgerBucket(account, REGION, name)


def error(code: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()


def test_what_is_written_is_never_written_over(bucket: LedgerBucket) -> None:
    assert bucket.put("releases/1.json", b"one")
    assert not bucket.put("releases/1.json", b"two")
    assert not bucket.put("releases/1.json", b"one")
    assert bucket.get("releases/1.json") == b"one"
    assert bucket.get("releases/2.json") is None
    assert bucket.keys("releases/") == {"releases/1.json"}
    assert bucket.name.startswith("s3://lab-ledger-")


def test_a_conflict_of_two_that_write_is_tried_again(canned: Canned) -> None:
    canned.answer(error("ConditionalRequestConflict"), 409)
    canned.answer(b"", 200, ETag='"e"')
    canned.client("s3", REGION)
    assert LedgerBucket(canned.account, REGION, "b").put("k", b"one")
    assert len(canned.requests) == 2
    assert all(sent.headers["If-None-Match"] == b"*" for sent in canned.requests)
    assert all(sent.headers["x-amz-expected-bucket-owner"] for sent in canned.requests)


@pytest.mark.parametrize(("there", "own"), [(b"one", True), (b"two", False)])
def test_where_the_first_answer_was_lost_what_is_there_may_be_its_own(
    canned: Canned, there: bytes, own: bool
) -> None:
    canned.answer(error("InternalError"), 500)
    canned.answer(error("PreconditionFailed"), 412)
    canned.answer(there, 200, "application/json")
    canned.client("s3", REGION)
    assert LedgerBucket(canned.account, REGION, "b").put("k", b"one") == own


def test_what_goes_wrong_otherwise_is_told(account: Account) -> None:
    ledger = LedgerBucket(account, REGION, "b")
    with Stubber(account.client("s3", REGION)) as s3:
        s3.add_client_error("put_object", "AccessDenied", "not you", 403)
        s3.add_client_error("get_object", "AccessDenied", "not you", 403)
        with pytest.raises(TapgenError, match=r"writing k to s3://b: AccessDenied: not you"):
            ledger.put("k", b"one")
        with pytest.raises(TapgenError, match=r"reading k from s3://b: AccessDenied: not you"):
            ledger.get("k")
