"""What evidence says of a record, and what it refuses; `test_evidence_command.py` gathers it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tapgen.deploy.record.ledger import Ledger, code_key, template_key
from tapgen.deploy.record.places import Folder
from tapgen.errors import RefusedError, TapgenError, UsageError
from tapgen.model.baseline import ROLES
from tapgen.model.evidence import MANIFEST, manifest_text
from tapgen.model.release import Release
from tapgen.operations.audit.evidence import (
    _access,
    _gaps,
    _seen,
    _templates,
    archive,
    refuse_backwards,
    refuse_foreign_file,
)
from tests.model.test_release import BEGUN

if TYPE_CHECKING:
    from tests.lab import Lab


def test_numbers_count_up_by_one() -> None:
    assert [*_gaps([])] == [*_gaps([1, 2, 3])] == []
    assert [*_gaps([2, 5])] == [f"release {number} is not in the ledger" for number in (1, 3, 4)]


def test_templates_are_told_where_they_are_what_their_names_say(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    ledger = Ledger(folder, "eu-west-1", "small-qa")
    good, other, gone = (template_key(sha256(text).hexdigest()) for text in (b"1", b"2", b"3"))
    code = code_key("ab")
    for key, text in {good: b"1", other: b"changed", code: b"zip"}.items():
        folder.put(key, text)
    release = Release(replace(BEGUN, content=(good, other, gone, code)))
    found, problems = _templates(ledger, [release])
    assert found == {good: b"1"}
    assert problems == [
        f"release 3: the content of {other} does not match its name",
        f"release 3: {gone} is not in the ledger",
    ]


def test_a_time_ends_after_it_begins() -> None:
    first, last = (datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2))
    refuse_backwards(first, last)
    refuse_backwards(None, last)
    with pytest.raises(UsageError, match="--to is before --from"):
        refuse_backwards(last, first)


def test_only_evidence_is_written_over(tmp_path: Path) -> None:
    out = tmp_path / "evidence.zip"
    refuse_foreign_file(out, force=False)
    out.write_bytes(archive({MANIFEST: manifest_text({}, {})}))
    refuse_foreign_file(out, force=False)
    out.write_text("notes")
    refuse_foreign_file(out, force=True)
    with pytest.raises(
        RefusedError,
        match="exists and is not evidence: it is not an archive: File is not a zip file",
    ):
        refuse_foreign_file(out, force=False)


def test_what_cannot_be_seen_is_told_by_its_error() -> None:
    def fails() -> int:
        raise error

    error = TapgenError("no")
    assert _seen(fails) is error
    assert _seen(lambda: 1) == 1


def test_the_role_that_cloudformation_works_with_is_among_those_that_are_read(lab: Lab) -> None:
    target = lab.target(lab.stack("data", {"Note": lab.note()}))
    role = f"arn:aws:iam::{lab.account}:role/own/service"
    options = replace(target.options, role_arn=role, ledger="no-such-ledger")
    found = _access(replace(target, options=options))
    assert [*found["roles"]] == [
        *(f"tapgen-lab-{purpose}" for purpose in ROLES),
        "service",
    ]
    assert "NoSuchBucket" in found["ledger"]["problem"]
