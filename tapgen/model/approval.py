"""An approval: a person's signature of the digest of a plan, for one environment.

The signed content is `signed_text`, canonical JSON: sorted keys, no blanks, ASCII. The signature is
ECDSA on P-256 with SHA-256, in DER, the format of KMS and OpenSSL. docs/approvals.md verifies one
without tapgen.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

VERSION: Final = 1
ALGORITHM: Final = "ECDSA_SHA_256"
# Signed as well: no other signature of the same key can be used as an approval.
TYPE: Final = "tapgen-approval"
FOLDER: Final = "approvals"
"""The folder in the ledger, with <plan digest>/<user id>/<time>.json."""


@dataclass(frozen=True, kw_only=True)
class Approval:
    """The content that an approver signs.

    - `environment`, `account_id`, `region`, `prefix`: the target of the plan.
    - `plan_digest`: SHA-256 of the plan, from its file.
    - `approver`: ARN of the signer, from STS; `user_id` is their `aws:userid`.
    - `signed`: the time, UTC, "2026-03-01T09:30:00Z".
    - `reason`: in words; may be empty.
    """

    environment: str
    account_id: str
    region: str
    prefix: str
    plan_digest: str
    approver: str
    user_id: str
    signed: str
    reason: str = ""

    @property
    def person(self) -> str:
        """The person, whatever role they have assumed; see `person_of`."""
        return person_of(self.approver)


@dataclass(frozen=True)
class SignedApproval:
    """An approval with its signature; `key` is the ARN of the key that signed."""

    approval: Approval
    key: str
    signature: bytes


def person_of(caller: str) -> str:
    """The person behind the ARN of a caller: the session of a role, the name of a user, or "root".

    A person who assumes several roles keeps the session's name, so two ARNs may be one person.
    """
    return caller.rpartition(":")[2].rpartition("/")[2]


def key_alias(prefix: str) -> str:
    """The alias of the key that signs approvals of an environment."""
    return f"alias/tapgen-{prefix}-approvals"


def signed_text(approval: Approval) -> bytes:
    """The bytes that are signed."""
    return json.dumps(_content(approval), sort_keys=True, separators=(",", ":")).encode()


def document(signed: SignedApproval) -> dict[str, Any]:
    """A signed approval as JSON values; "approval" is what is signed."""
    return {
        "version": VERSION,
        "approval": _content(signed.approval),
        "algorithm": ALGORITHM,
        "key": signed.key,
        "signature": base64.b64encode(signed.signature).decode(),
    }


def text_of(signed: SignedApproval) -> bytes:
    """The text of a signed approval: the same bytes for the same content."""
    return f"{json.dumps(document(signed), indent=2, sort_keys=True)}\n".encode()


def approval_in(told: Any) -> SignedApproval:
    """The signed approval from the JSON values of `document`. Raises `ValueError`.

    No member is ignored: an unknown one would be signed without having been read.
    """
    if not isinstance(told, Mapping) or told.get("version") != VERSION:
        raise ValueError(f"it is not an approval of version {VERSION}")
    content, key, signature = (told.get(name) for name in ("approval", "key", "signature"))
    if told.get("algorithm") != ALGORITHM or not isinstance(key, str):
        raise ValueError(f"it does not name {ALGORITHM} and the key that signed it")
    if not isinstance(content, Mapping) or content.get("type") != TYPE:
        raise ValueError(f'its signed content is not of type "{TYPE}"')
    values = {name: value for name, value in content.items() if name != "type"}
    names = {one.name for one in fields(Approval)}
    if values.keys() != names or not all(isinstance(one, str) for one in values.values()):
        raise ValueError(f"its signed content must have exactly {', '.join(sorted(names))}")
    if not signature:
        raise ValueError("it has no signature")
    decoded = base64.b64decode(str(signature), validate=True)
    return SignedApproval(Approval(**values), key, decoded)


def approval_of(text: bytes) -> SignedApproval:
    """The signed approval from a text of `text_of`. Raises `ValueError`."""
    return approval_in(json.loads(text))


def _content(approval: Approval) -> dict[str, str]:
    return {"type": TYPE, **asdict(approval)}
