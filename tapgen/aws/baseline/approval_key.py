"""The key that signs approvals of an environment. It is in KMS, and only approvers may sign."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from botocore.exceptions import ClientError

from tapgen.aws.account import Account
from tapgen.aws.errors import code_of, explained
from tapgen.aws.permission import lacks_permission
from tapgen.errors import TapgenError
from tapgen.model.approval import ALGORITHM, key_alias

_ABSENT: Final = "NotFoundException"
_INVALID: Final = "KMSInvalidSignatureException"


class ApprovalKey:
    """The key behind the alias of the environment whose names begin with `prefix`."""

    def __init__(self, account: Account, region: str, prefix: str) -> None:
        self._client = account.client("kms", region)
        self._alias = key_alias(prefix)
        self._role = f"tapgen-{prefix}-approve"

    def sign(self, text: bytes) -> tuple[str, bytes]:
        """Sign a text; return the ARN of the key and the signature in DER.

        Raises `TapgenError` if there is no key, or the caller may not sign with it.
        """
        with explained(f"signing with {self._alias}"):
            try:
                answer = self._client.sign(KeyId=self._alias, **_digest(text))
            except ClientError as error:
                if lacks_permission(error):
                    raise TapgenError(
                        f"signing with {self._alias}: {code_of(error)}: these credentials are not "
                        "allowed to sign",
                        f"Only the role {self._role} can sign: use --profile with a profile that "
                        "assumes it. `tapgen bootstrap` creates the role; the project's "
                        "configuration says who may assume it (bootstrap.approvers).",
                    ) from error
                raise self._explained(error) from error
        return str(answer["KeyId"]), bytes(answer["Signature"])

    def made(self, text: bytes, signature: bytes) -> bool:
        """Whether a signature of a text was made with this key."""
        with explained(f"verifying a signature of {self._alias}"):
            try:
                answer = self._client.verify(
                    KeyId=self._alias, Signature=signature, **_digest(text)
                )
            except ClientError as error:
                if code_of(error) == _INVALID:
                    return False
                raise self._explained(error) from error
        return bool(answer["SignatureValid"])

    def _explained(self, error: ClientError) -> Exception:
        """The error to raise in place of an error of KMS."""
        if code_of(error) != _ABSENT:
            return error
        return TapgenError(
            f"there is no key {self._alias} in the account",
            "`tapgen bootstrap --env NAME` creates it, with the role for approvers.",
        )


def _digest(text: bytes) -> dict[str, object]:
    """The digest of a text: KMS accepts messages of up to 4096 bytes (API reference, Sign)."""
    return {
        "Message": sha256(text).digest(),
        "MessageType": "DIGEST",
        "SigningAlgorithm": ALGORITHM,
    }
