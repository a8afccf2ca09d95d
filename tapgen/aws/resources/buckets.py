"""Which buckets an account has."""

from __future__ import annotations

from tapgen.aws.account import Account
from tapgen.aws.errors import explained


def buckets_beginning(account: Account, region: str, prefix: str) -> tuple[str, ...]:
    """Names of the account's buckets, wherever they are, that begin with `prefix`."""
    with explained(f"looking for buckets called {prefix}..."):
        pages = account.client("s3", region).get_paginator("list_buckets").paginate(Prefix=prefix)
        return tuple(bucket["Name"] for page in pages for bucket in page.get("Buckets", []))
