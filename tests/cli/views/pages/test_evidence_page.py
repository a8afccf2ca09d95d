"""The page of evidence, and what the files beside it say where something cannot be read."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from tapgen.cli.views.pages.evidence import write
from tapgen.cli.views.pages.evidence_page import html
from tapgen.errors import TapgenError
from tapgen.model.release import Begun, Ended, Release, StackEnd
from tapgen.operations.audit.evidence import Evidence, files_of
from tests.model.test_release import BEGUN

ROLE: dict[str, Any] = {
    "arn": "arn:aws:iam::111111111111:role/tapgen-dev-deploy",
    "trust": {"Statement": ["who takes it"]},
    "inline": {"record": {"Statement": ["the record"]}},
    "attached": {"arn:policy": {"Statement": ["what it may"]}},
    "boundary": "arn:aws:iam::111111111111:policy/bounds",
}
ENDED = Ended(3, "2026-03-01T09:31:00Z", "succeeded", {"data": StackEnd("Updated", 1.0)})


def evidence(*releases: Release, **more: Any) -> Evidence:
    told: dict[str, Any] = {
        "environment": "dev",
        "account_id": "111111111111",
        "region": "eu-west-1",
        "prefix": "payments-dev",
        "platform": "payments",
        "ledger": "s3://ledger",
        "since": "",
        "until": "2026-04-01T00:00:00Z",
        "made": "2026-04-01T00:00:00Z",
        "caller": "arn:aws:iam::111111111111:user/rita",
        "releases": releases,
        "documents": {"releases/1": b"{}"},
        "access": {
            "roles": {"tapgen-dev-deploy": ROLE, "tapgen-dev-review": {"problem": "AccessDenied"}},
            "approval_key": {"arn": "arn:key", "spec": "ECC_NIST_P256", "state": "Enabled"},
            "ledger": {"bucket": "ledger", "versioning": "Enabled", "object_lock": {"Days": 400}},
            "approvals_wanted": 2,
        },
        "drift": TapgenError("no drift was seen"),
        "parity": TapgenError("no parity was seen"),
    }
    return Evidence(**{**told, **more})


def approved(begun: Begun) -> Begun:
    approval = {
        "approver": "arn:aws:sts::1:assumed-role/tapgen-dev-approve/anna",
        "signed": "2026-03-01T09:00:00Z",
        "reason": "<b>PAY-12</b>",
    }
    return replace(begun, approvals=({"approval": approval},), plan_digest="d1", reason="for it")


def test_who_deployed_approved_and_may_what_is_on_the_page() -> None:
    page = html(evidence(Release(approved(BEGUN), ENDED)), ["a.json"])
    for said in (
        "arn:aws:iam::111111111111:user/ann",
        "assumed-role/tapgen-dev-approve/anna",
        "2026-03-01 09:00:00: &lt;b&gt;PAY-12&lt;/b&gt;",
        "--allow-unprotect",
        "abc and more",
        "who takes it",
        "what it may",
        "policy/bounds",
        "AccessDenied",
        "A plan needs 2 approvals",
        "Object Lock",
        "It could not be read: no drift was seen",
        "Until 2026-04-01 00:00:00 UTC.\nGathered at",
        "a.json",
    ):
        assert said in page, said
    assert "What is wrong" not in page
    assert html(evidence(Release(approved(BEGUN), ENDED)), ["a.json"]) == page


def test_a_release_without_an_end_or_a_commit_says_so() -> None:
    page = html(
        evidence(Release(replace(BEGUN, commit=None, approvals=())), problems=("3 is gone",)), []
    )
    assert "<td>not known</td>" in page
    assert "3 is gone" in page


def test_what_cannot_be_read_has_its_reason_in_the_archive(tmp_path: Path) -> None:
    manifest = write(evidence(since="2026-01-01T00:00:00Z"), {}, tmp_path / "out.zip")
    files = files_of((tmp_path / "out.zip").read_bytes())
    assert json.loads(files["drift.json"]) == {"problem": "no drift was seen"}
    assert json.loads(files["parity.json"]) == {"problem": "no parity was seen"}
    assert manifest["files"].keys() == files.keys() - {"manifest.json"}
