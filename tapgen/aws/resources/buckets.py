"""The buckets of an account, and the objects in one."""

from __future__ import annotations

from tapgen.aws.account import Account
from tapgen.aws.errors import explained


def buckets_beginning(account: Account, region: str, prefix: str) -> tuple[str, ...]:
    """Names of the account's buckets that begin with `prefix`, in all regions."""
    with explained(f"looking for buckets called {prefix}..."):
        pages = account.client("s3", region).get_paginator("list_buckets").paginate(Prefix=prefix)
        return tuple(bucket["Name"] for page in pages for bucket in page.get("Buckets", []))


def keys_below(account: Account, region: str, bucket: str, prefix: str) -> frozenset[str]:
    """Keys of the objects of a bucket that begin with `prefix`."""
    with explained(f"listing {bucket}/{prefix}"):
        pages = account.client("s3", region).get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=bucket, Prefix=prefix)
        return frozenset(one["Key"] for page in found for one in page.get("Contents", []))
