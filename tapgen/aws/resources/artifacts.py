"""Putting function code and large templates into the artifacts bucket, named by their content."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import Final

from botocore.exceptions import ClientError

from tapgen.aws.account import Account
from tapgen.aws.errors import code_of, explained

_ABSENT: Final = frozenset({"404", "NoSuchKey", "NotFound"})


class Artifacts:
    """The artifacts bucket of an environment."""

    def __init__(self, account: Account, region: str, bucket: str) -> None:
        self._client = account.client("s3", region)
        self.account_id = account.account_id
        self.bucket = bucket

    def put(self, key: str, content: bytes) -> bool:
        """Upload unless an object of that name is there; gives whether it was uploaded.

        The name is derived from the content, so what is there is what would be uploaded. S3 checks
        the SHA-256 on arrival, and that the bucket is the expected account's.
        """
        with explained(f"uploading {key} to {self.bucket}"):
            if self._has(key):
                return False
            self._client.put_object(
                Bucket=self.bucket,
                Key=key,
                Body=content,
                ChecksumSHA256=b64encode(sha256(content).digest()).decode(),
                ExpectedBucketOwner=self.account_id,
            )
        return True

    def url(self, key: str) -> str:
        """The URL that CloudFormation reads a template from (path style, as local servers want)."""
        endpoint = str(self._client.meta.endpoint_url).rstrip("/")
        return f"{endpoint}/{self.bucket}/{key}"

    def _has(self, key: str) -> bool:
        try:
            self._client.head_object(
                Bucket=self.bucket, Key=key, ExpectedBucketOwner=self.account_id
            )
        except ClientError as error:
            if code_of(error) in _ABSENT:
                return False
            raise
        return True
