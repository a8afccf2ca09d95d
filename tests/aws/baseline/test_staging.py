"""The bucket for templates that are too large without one: there while it is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tapgen.aws.baseline.staging import StagingBucket

if TYPE_CHECKING:
    from tapgen.aws.account import Account


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_it_is_made_for_what_is_put_into_it_and_removed_with_it(
    account: Account, region: str
) -> None:
    client = account.client("s3", region)
    bucket = StagingBucket(account, region, "lab")
    assert client.list_buckets()["Buckets"] == []
    assert bucket.put("a.json", b"{}")
    assert not bucket.put("a.json", b"{}")
    (made,) = (one["Name"] for one in client.list_buckets()["Buckets"])
    assert made.startswith("lab-")
    assert bucket.url("a.json").endswith(f"/{made}/a.json")
    closed = client.get_public_access_block(Bucket=made)["PublicAccessBlockConfiguration"]
    assert set(closed.values()) == {True}
    bucket.remove()
    assert client.list_buckets()["Buckets"] == []


def test_what_a_dead_run_has_left_goes_with_it(account: Account) -> None:
    client = account.client("s3", "us-east-1")
    dead = StagingBucket(account, "us-east-1", "lab")
    dead.put("a.json", b"{}")
    client.create_bucket(Bucket="lab-empty")
    client.create_bucket(Bucket="other")
    bucket = StagingBucket(account, "us-east-1", "lab")
    bucket.put("b.json", b"{}")
    bucket.remove()
    assert [one["Name"] for one in client.list_buckets()["Buckets"]] == ["other"]


def test_nothing_is_asked_where_nothing_was_put(account: Account) -> None:
    client = account.client("s3", "us-east-1")
    client.create_bucket(Bucket="lab-somebodys")
    StagingBucket(account, "us-east-1", "lab").remove()
    assert len(client.list_buckets()["Buckets"]) == 1
