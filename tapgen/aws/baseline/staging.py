"""A bucket that exists only while a change set is created, for a template that needs one.

CloudFormation reads a template of more than 51,200 bytes only from S3, when the change set is
created. Afterwards the bucket is no longer needed.
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
    """The bucket, created at the first upload and deleted by `remove`.

    Its name begins with `prefix` and ends at random: the name of a deleted bucket may be blocked
    for a while (S3 user guide, "Deleting a general purpose bucket").
    """

    def __init__(self, account: Account, region: str, prefix: str) -> None:
        self._account = account
        self._region = region
        self._prefix = f"{prefix}-"
        self._made = False

    def put(self, key: str, content: bytes) -> bool:
        """Upload an object unless it exists; return whether it was uploaded."""
        return self._bucket.put(key, content)

    def url(self, key: str) -> str:
        """The URL of a template for CloudFormation."""
        return self._bucket.url(key)

    def remove(self) -> None:
        """Delete the bucket with its objects, and those that dead runs left behind."""
        if not self._made:
            return
        for name in buckets_beginning(self._account, self._region, self._prefix):
            with explained(f"deleting {name}"):
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
        with explained(f"creating the temporary bucket {name} for a large template"):
            self._made = True
            # us-east-1 must not be named (S3 API reference, CreateBucket).
            self._client.create_bucket(
                Bucket=name, **({} if self._region == GLOBAL_REGION else place)
            )
            self._client.put_public_access_block(
                Bucket=name, PublicAccessBlockConfiguration=dict.fromkeys(_BLOCKED, True)
            )
        return Artifacts(self._account, self._region, name)
