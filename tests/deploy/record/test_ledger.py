"""The releases of one environment in a ledger."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tapgen.deploy.record.ledger import Ledger, code_key, template_key
from tapgen.deploy.record.places import Folder
from tapgen.errors import TapgenError
from tapgen.model.approval import approval_of
from tapgen.model.release import Ended, Release
from tests.model.test_approval import APPROVAL, SIGNED
from tests.model.test_release import BEGUN


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(Folder(tmp_path), "eu-west-1", "payments-dev")


def test_numbers_count_up_from_the_one_that_is_asked_for(ledger: Ledger) -> None:
    assert ledger.numbers() == {}
    first = ledger.begin(replace(BEGUN, release=1))
    second = ledger.begin(replace(BEGUN, release=1, run="other"))
    assert (first.release, second.release) == (1, 2)
    assert ledger.end(Ended(1, "then", "succeeded", {}))
    assert not ledger.end(Ended(1, "later", "failed", {}))
    assert ledger.numbers() == {1: True, 2: False}
    assert ledger.read(1) == Release(first, Ended(1, "then", "succeeded", {}))
    assert ledger.read(2) == Release(second)
    assert ledger.read(3) is None
    assert [one.number for one in ledger.read_all([2, 3, 1])] == [2, 1]


def test_another_environment_has_numbers_of_its_own(ledger: Ledger, tmp_path: Path) -> None:
    other = Ledger(Folder(tmp_path), "eu-west-1", "payments-qa")
    far = Ledger(Folder(tmp_path), "us-east-1", "payments-dev")
    for one in (ledger, other, far):
        assert one.begin(replace(BEGUN, release=1)).release == 1


def test_a_ledger_whose_numbers_are_all_taken_is_told(ledger: Ledger) -> None:
    for _ in range(20):
        ledger.begin(replace(BEGUN, release=1))
    with pytest.raises(TapgenError, match="no release number is free"):
        ledger.begin(replace(BEGUN, release=1))


def test_each_approver_of_a_plan_has_a_folder(ledger: Ledger, tmp_path: Path) -> None:
    bob = replace(APPROVAL, user_id="AROA:bob", signed="2026-03-01T10:00:00Z")
    keys = [ledger.approve(replace(SIGNED, approval=one)) for one in (APPROVAL, bob)]
    assert keys == [
        f"approvals/{'0' * 64}/AROAEXAMPLE:anna/20260301T093000Z.json",
        f"approvals/{'0' * 64}/AROA:bob/20260301T100000Z.json",
    ]
    # What is elsewhere in that folder is nobody's: a pattern of IAM lets "*" be several folders.
    Folder(tmp_path).put(f"approvals/{'0' * 64}/AROA:bob/AROA:carla/1.json", b"{}")
    Folder(tmp_path).put(f"approvals/{'0' * 64}/1.json", b"{}")
    found = ledger.approvals("0" * 64)
    assert {(one.key, one.writer) for one in found} == {
        (keys[0], "AROAEXAMPLE:anna"),
        (keys[1], "AROA:bob"),
    }
    assert {approval_of(one.text).approval.person for one in found} == {"anna"}
    assert ledger.approvals("1" * 64) == []


def test_what_was_approved_is_not_written_over(ledger: Ledger) -> None:
    ledger.approve(SIGNED)
    ledger.approve(replace(SIGNED, signature=b"other"))
    (one,) = ledger.approvals("0" * 64)
    assert approval_of(one.text) == SIGNED


def test_content_is_written_once_by_its_hash(ledger: Ledger, tmp_path: Path) -> None:
    ledger.keep({template_key("ab"): lambda: b"{}", code_key("cd"): lambda: b"zip"})
    ledger.keep({template_key("ab"): lambda: b"other"})
    assert ledger.content("content/ab.json") == b"{}"
    assert ledger.content("content/cd.zip") == b"zip"
    assert ledger.content("content/ef.zip") is None


def test_several_contents_are_given_at_once(ledger: Ledger) -> None:
    ledger.keep({template_key("ab"): lambda: b"{}"})
    assert ledger.contents(["content/ab.json", "content/cd.json", "content/ab.json"]) == {
        "content/ab.json": b"{}",
        "content/cd.json": None,
    }


def test_what_cannot_be_read_is_in_its_place_among_others(ledger: Ledger, tmp_path: Path) -> None:
    for _ in range(3):
        ledger.begin(replace(BEGUN, release=1))
    folder = tmp_path / "releases" / "eu-west-1" / "payments-dev"
    (folder / "000002-begun.json").write_text("{}")
    (folder / "000003-begun.json").rename(folder / "000003-ended.json")
    good, bad, half = ledger.tried([1, 2, 3])
    assert isinstance(good, Release)
    assert good.number == 1
    assert "release 2 in " in str(bad)
    assert "release 3 in " in str(half)
    assert "has an end but no beginning" in str(half)


def test_what_is_no_record_is_told_with_its_place(ledger: Ledger, tmp_path: Path) -> None:
    Folder(tmp_path).put("releases/eu-west-1/payments-dev/000001-begun.json", b"{}")
    with pytest.raises(
        TapgenError, match=r"release 1 in .* cannot be read: it is not a record"
    ) as told:
        ledger.read(1)
    assert "releases/eu-west-1/payments-dev/000001-begun.json" in told.value.hint


def test_other_files_are_no_releases(ledger: Ledger, tmp_path: Path) -> None:
    Folder(tmp_path).put("releases/eu-west-1/payments-dev/notes.txt", b"")
    assert ledger.numbers() == {}
