"""Evidence: the releases of an environment within a period, and its roles and permissions.

It is an archive. Its manifest lists every other file with its SHA-256. A signature covers the
manifest's: `Attestation`, canonical JSON, signed like an approval. docs/evidence.md verifies one
without tapgen.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Final

from tapgen.model.approval import ALGORITHM

VERSION: Final = 1
# Signed as well: the same key signs approvals, and neither can be used as the other.
TYPE: Final = "tapgen-evidence"
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "signature.json"


@dataclass(frozen=True, kw_only=True)
class Attestation:
    """The signed content: the signer has seen this evidence. Times are UTC."""

    environment: str
    account_id: str
    manifest_sha256: str
    signer: str
    signed: str


def manifest_text(about: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """The manifest: the members of `about`, and every file with its digest and size in bytes."""
    listed = {
        name: {"sha256": sha256(content).hexdigest(), "bytes": len(content)}
        for name, content in files.items()
    }
    told = {"version": VERSION, "type": TYPE, **about, "files": listed}
    return f"{json.dumps(told, indent=2, sort_keys=True)}\n".encode()


def signed_text(attestation: Attestation) -> bytes:
    """The bytes that are signed."""
    return json.dumps(_content(attestation), sort_keys=True, separators=(",", ":")).encode()


def signature_text(attestation: Attestation, key: str, signature: bytes) -> bytes:
    """The file with a signature; `key` is the ARN of the key that signed."""
    told = {
        "version": VERSION,
        "attestation": _content(attestation),
        "algorithm": ALGORITHM,
        "key": key,
        "signature": base64.b64encode(signature).decode(),
    }
    return f"{json.dumps(told, indent=2, sort_keys=True)}\n".encode()


def _content(attestation: Attestation) -> dict[str, str]:
    return {"type": TYPE, **asdict(attestation)}


def checked(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """The files of an archive, whose digests match its manifest.

    Raises `ValueError` if there is no manifest, or a file is changed, missing or not listed.
    """
    if MANIFEST not in files:
        raise ValueError(f"it has no {MANIFEST}")
    told = json.loads(files[MANIFEST])
    if not isinstance(told, dict) or (told.get("type"), told.get("version")) != (TYPE, VERSION):
        raise ValueError(f"its manifest is not of type {TYPE}, version {VERSION}")
    try:
        digests = {name: one["sha256"] for name, one in told["files"].items()}
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("its manifest does not have the SHA-256 of each file") from error
    own = {name: one for name, one in files.items() if name not in {MANIFEST, SIGNATURE}}
    found = {name: sha256(one).hexdigest() for name, one in own.items()}
    every = found.keys() | digests.keys()
    if wrong := sorted(name for name in every if found.get(name) != digests.get(name)):
        raise ValueError(f"files do not match its manifest: {', '.join(wrong)}")
    return files
