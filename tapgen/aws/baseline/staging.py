"""A bucket that is there while a change set is made, for a template that is too large without one.

CloudFormation reads a template of more than 51,200 bytes from S3 only, and reads it when the change
set is made: afterwards nobody needs the bucket.
"""

from __future__ import annotations

from functools import cached_property
from secrets import token_hex
from typing import Any, Final

from tapgen.aws.account import Account
from tapgen.aws.errors import explained
from tapgen.aws.resources.artifacts import Artifacts
from tapgen.aws.resources.buckets import buckets_beginning
from tapgen.model.limits import GLOBAL_REGION

_BLOCKED: Final = (
    "BlockPublicAcls",
    "BlockPublicPolicy",
    "IgnorePublicAcls",
    "RestrictPublicBuckets",
)


class StagingBucket:
    """The bucket, made when something is put into it first, and gone after `remove`.

    `prefix` begins its name, which ends in chance: a name that was given up may be blocked for a
    while (S3 user guide, "Deleting a general purpose bucket").
    """

    def __init__(self, account: Account, region: str, prefix: str) -> None:
        self._account = account
        self._region = region
        self._prefix = f"{prefix}-"
        self._made = False

    def put(self, key: str, content: bytes) -> bool:
        """Upload what is not there yet; gives whether it was uploaded."""
        return self._bucket.put(key, content)

    def url(self, key: str) -> str:
        """The URL that CloudFormation reads a template from."""
        return self._bucket.url(key)

    def remove(self) -> None:
        """Delete the bucket with what is in it, and what a dead run has left of its kind."""
        if not self._made:
            return
        for name in buckets_beginning(self._account, self._region, self._prefix):
            with explained(f"removing {name}"):
                listed = self._client.list_objects_v2(Bucket=name).get("Contents", [])
                objects = [{"Key": one["Key"]} for one in listed]
                if objects:
                    self._client.delete_objects(Bucket=name, Delete={"Objects": objects})
                self._client.delete_bucket(Bucket=name)

    @cached_property
    def _client(self) -> Any:
        return self._account.client("s3", self._region)

    @cached_property
    def _bucket(self) -> Artifacts:
        name = f"{self._prefix}{token_hex(4)}"
        place = {"CreateBucketConfiguration": {"LocationConstraint": self._region}}
        with explained(f"making {name}, for as long as CloudFormation reads the template from it"):
            self._made = True
            # The first of all regions is the one that may not be named (CreateBucket).
            self._client.create_bucket(
                Bucket=name, **({} if self._region == GLOBAL_REGION else place)
            )
            self._client.put_public_access_block(
                Bucket=name, PublicAccessBlockConfiguration=dict.fromkeys(_BLOCKED, True)
            )
        return Artifacts(self._account, self._region, name)
