"""Secrets of Secrets Manager: whether they exist. Their values are never read."""

from __future__ import annotations

from dataclasses import dataclass

from botocore.exceptions import ClientError

from tapgen.aws.account import Account
from tapgen.aws.errors import code_of, explained


@dataclass(frozen=True)
class StoredSecret:
    """Whether a secret is scheduled for deletion (`dying`), and the ids of its versions."""

    dying: bool
    versions: frozenset[str]


def stored_secret(account: Account, region: str, secret_id: str) -> StoredSecret | None:
    """The secret with that name or ARN; None if there is none."""
    with explained(f"looking for the secret {secret_id}"):
        try:
            found = account.client("secretsmanager", region).describe_secret(SecretId=secret_id)
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return None
            raise
    return StoredSecret("DeletedDate" in found, frozenset(found.get("VersionIdsToStages", {})))
