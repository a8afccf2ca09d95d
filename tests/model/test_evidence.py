"""Evidence as an archive: the same bytes for the same files, and nothing but what it says."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from tapgen.model import approval, evidence
from tapgen.model.evidence import (
    MANIFEST,
    SIGNATURE,
    Attestation,
    manifest_text,
    signature_text,
    signed_text,
)
from tapgen.operations.audit.evidence import archive, files_of

FILES = {"b.json": b"{}", "a.json": b"[1]"}
MANIFESTED = {**FILES, MANIFEST: manifest_text({"environment": "dev"}, FILES)}
UNTOLD = [
    f'{{"type": "{evidence.TYPE}", "version": 1{files}}}'.encode()
    for files in ("", ', "files": []', ', "files": {"a": 1}', ', "files": {"a": {}}')
]
ATTESTATION = Attestation(
    environment="dev",
    account_id="111111111111",
    manifest_sha256="ab",
    signer="arn:aws:iam::111111111111:user/ann",
    signed="2026-03-01T09:30:00Z",
)


def test_the_same_files_are_the_same_bytes_in_any_order() -> None:
    assert archive(MANIFESTED) == archive(dict(reversed(MANIFESTED.items())))


def test_what_is_packed_is_read_again_with_its_signature_and_without() -> None:
    signature = signature_text(ATTESTATION, "arn:key", b"signed")
    for files in (MANIFESTED, {**MANIFESTED, SIGNATURE: signature}):
        assert files_of(archive(files)) == files


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a.json": b"[2]"}, r"files do not match its manifest: a\.json"),
        ({"c.json": b""}, r"files do not match its manifest: c\.json"),
        ({MANIFEST: manifest_text({}, {**FILES, "d": b""})}, "files do not match its manifest: d"),
        ({MANIFEST: b"{}"}, "its manifest is not of type tapgen-evidence, version 1"),
        ({MANIFEST: b"[]"}, "its manifest is not of type tapgen-evidence, version 1"),
        ({MANIFEST: b"no"}, "Expecting value"),
        *(
            ({MANIFEST: told}, "its manifest does not have the SHA-256 of each file")
            for told in UNTOLD
        ),
    ],
)
def test_a_file_that_is_not_as_the_manifest_says_is_refused(
    files: dict[str, bytes], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        files_of(archive({**MANIFESTED, **files}))


def test_what_is_no_evidence_is_refused() -> None:
    with pytest.raises(ValueError, match="it is not an archive: File is not a zip file"):
        files_of(b"text")
    with pytest.raises(ValueError, match=r"it has no manifest\.json"):
        files_of(archive(FILES))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused() -> None:
    twice = io.BytesIO()
    with zipfile.ZipFile(twice, "w") as packed:
        for name in (*MANIFESTED, "a.json"):
            packed.writestr(name, MANIFESTED[name])
    with pytest.raises(ValueError, match=r"a\.json appears in it twice"):
        files_of(twice.getvalue())


def test_the_same_key_signs_approvals_and_neither_is_the_other() -> None:
    told = json.loads(signed_text(ATTESTATION))
    assert told["type"] == evidence.TYPE
    assert json.loads(signature_text(ATTESTATION, "k", b"s"))["attestation"] == told
    with pytest.raises(ValueError, match="not of type"):
        approval.approval_in(
            {"version": 1, "approval": told, "algorithm": "ECDSA_SHA_256", "key": "k"}
        )
