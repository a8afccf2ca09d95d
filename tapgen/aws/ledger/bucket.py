"""The ledger bucket: objects are written once and never overwritten."""

from __future__ import annotations

from botocore.exceptions import ClientError

from tapgen.aws.account import Account
from tapgen.aws.errors import code_of, explained, retried
from tapgen.aws.polling import until
from tapgen.aws.resources.buckets import keys_below

# "If a conflicting operation occurs during the upload S3 returns a 409 ConditionalRequestConflict
# response. On a 409 failure you should retry the upload", and 412 if the object exists (S3 API
# reference, PutObject, If-None-Match).
_CONFLICT = "ConditionalRequestConflict"
_THERE = "PreconditionFailed"
_ABSENT = "NoSuchKey"
_CONFLICT_SECONDS = 30.0


class LedgerBucket:
    """A bucket of the environment's account."""

    def __init__(self, account: Account, region: str, bucket: str) -> None:
        self._account = account
        self._region = region
        self._client = account.client("s3", region)
        self._bucket = bucket

    @property
    def name(self) -> str:
        """Its location, for people."""
        return f"s3://{self._bucket}"

    def put(self, key: str, content: bytes) -> bool:
        """Write an object; False if the key already exists: then it is kept.

        S3 decides between two writes at the same time, and checks the SHA-256 on arrival.
        """
        with explained(f"writing {key} to {self.name}"):
            what = f"writing {key} to {self.name}"
            written = until(lambda: self._put(key, content), what=what, seconds=_CONFLICT_SECONDS)
        return written == "written"

    def get(self, key: str) -> bytes | None:
        """The content of an object; None if it does not exist."""
        with explained(f"reading {key} from {self.name}"):
            try:
                answer = self._client.get_object(
                    Bucket=self._bucket, Key=key, ExpectedBucketOwner=self._account.account_id
                )
            except ClientError as error:
                if code_of(error) == _ABSENT:
                    return None
                raise
            content: bytes = answer["Body"].read()
            return content

    def keys(self, prefix: str) -> frozenset[str]:
        """The keys that begin with `prefix`."""
        return keys_below(self._account, self._region, self._bucket, prefix)

    def _put(self, key: str, content: bytes) -> str | None:
        """The result, "written" or "there"; None if it conflicted with another write."""
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=content,
                IfNoneMatch="*",
                ChecksumAlgorithm="SHA256",
                ExpectedBucketOwner=self._account.account_id,
            )
        except ClientError as error:
            if code_of(error) == _CONFLICT:
                return None
            if code_of(error) != _THERE:
                raise
            # If the answer to the first attempt was lost, the object may be its own.
            own = retried(error) and self.get(key) == content
            return "written" if own else "there"
        return "written"
