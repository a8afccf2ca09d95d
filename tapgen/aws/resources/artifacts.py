"""Putting function code and large templates into the artifacts bucket, named by their content."""

from __future__ import annotations

from io import BytesIO
from typing import Final
from urllib.parse import urlsplit

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from tapgen.aws.account import Account
from tapgen.aws.errors import code_of, explained

_AWS: Final = (".amazonaws.com", ".api.aws")
_ABSENT: Final = frozenset({"404", "NoSuchKey", "NotFound"})
# In one request (S3 accepts up to 5 GiB) and in the caller's thread: uploads are smaller than a
# megabyte, and an upload in parts would need additional permissions.
_IN_ONE_REQUEST: Final = TransferConfig(multipart_threshold=5 * 1024**3, use_threads=False)


class Artifacts:
    """The artifacts bucket of an environment."""

    def __init__(self, account: Account, region: str, bucket: str) -> None:
        self._client = account.client("s3", region)
        self.account_id = account.account_id
        self.bucket = bucket
        self._endpoint = _read_by_cloudformation(account, region)

    def put(self, key: str, content: bytes) -> bool:
        """Upload an object unless it exists; return whether it was uploaded.

        The name is derived from the content, so an existing object has the same content. S3 checks
        the SHA-256 on arrival, and that the bucket belongs to the expected account.
        """
        with explained(f"uploading {key} to {self.bucket}"):
            if self._has(key):
                return False
            self._client.upload_fileobj(
                BytesIO(content),
                self.bucket,
                key,
                ExtraArgs={
                    "ChecksumAlgorithm": "SHA256",
                    "ExpectedBucketOwner": self.account_id,
                },
                Config=_IN_ONE_REQUEST,
            )
        return True

    def url(self, key: str) -> str:
        """The URL of a template for CloudFormation (path style, which local servers require)."""
        return f"{self._endpoint}/{self.bucket}/{key}"

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


def _read_by_cloudformation(account: Account, region: str) -> str:
    """The endpoint from which CloudFormation reads objects.

    In AWS it is S3's ordinary address, even if the caller uses FIPS, dual-stack or a VPC endpoint.
    Elsewhere it is the endpoint that the caller writes to.
    """
    asked = str(urlsplit(account.client("cloudformation", region).meta.endpoint_url).hostname)
    if asked.endswith(_AWS):
        return f"https://s3.{region}.amazonaws.com"
    return str(account.client("s3", region).meta.endpoint_url).rstrip("/")
