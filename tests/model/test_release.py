"""Records as they are written and read again."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tapgen.model.release import (
    Begun,
    Commit,
    Ended,
    Release,
    StackEnd,
    begun_of,
    ended_of,
    rolling_back_to,
    text_of,
)

BEGUN = Begun(
    release=3,
    run="r",
    environment="dev",
    account_id="111111111111",
    region="eu-west-1",
    prefix="payments-dev",
    command="deploy",
    caller="arn:aws:iam::111111111111:user/ann",
    began="2026-03-01T09:30:00Z",
    tapgen="0.1.0",
    platform="payments",
    commit=Commit("abc", dirty=True),
    approvals=({"by": "bob"},),
    lifted=("--allow-unprotect",),
    content=("content/a.json",),
    stacks={"data": {"stack": {"parameters": {"Size": "1"}, "template_sha256": "t"}, "kind": ""}},
)
ENDED = Ended(
    3,
    "2026-03-01T09:31:00Z",
    "failed",
    {"data": StackEnd("Failed", 1.5, "no", "ROLLBACK_COMPLETE", ("arn",), "then")},
)


def test_what_is_written_is_read_again() -> None:
    assert begun_of(text_of(BEGUN)) == BEGUN
    assert begun_of(text_of(replace(BEGUN, commit=None))).commit is None
    assert ended_of(text_of(ENDED)) == ENDED


def test_the_same_content_is_the_same_bytes() -> None:
    other = replace(BEGUN, stacks=dict(reversed([*BEGUN.stacks.items()])))
    assert text_of(other) == text_of(BEGUN)
    assert text_of(BEGUN).endswith(b"}\n")


def test_what_a_later_version_says_beyond_is_passed_by() -> None:
    said = json.loads(text_of(ENDED))
    said["more"] = 1
    said["stacks"]["data"]["more"] = 1
    assert ended_of(json.dumps(said).encode()) == ENDED


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "Expecting value"),
        (b"[]", "not a record of version 1"),
        (b'{"version": 2}', "not a record of version 1"),
        (b'{"version": 1, "release": 1}', "it lacks stacks"),
    ],
)
def test_what_is_no_record_is_told(text: bytes, why: str) -> None:
    for read in (begun_of, ended_of):
        with pytest.raises(ValueError, match=why):
            read(text)


@pytest.mark.parametrize(
    ("source", "number"),
    [("", None), ("staging", None), ("release 4", 4), ("release", None), ("release x", None)],
)
def test_the_source_says_which_release_it_rolls_back_to(source: str, number: int | None) -> None:
    assert replace(BEGUN, source=source).rolls_back_to == number
    assert replace(BEGUN, source=rolling_back_to(4)).rolls_back_to == 4


def test_what_declares_something_and_has_ended_well_is_known() -> None:
    assert not Release(BEGUN).succeeded
    assert Release(BEGUN).killed
    assert not Release(BEGUN, ENDED).killed
    assert Release(BEGUN, replace(ENDED, completed_by="arn")).killed
    assert not Release(BEGUN, ENDED).succeeded
    assert Release(BEGUN, replace(ENDED, outcome="succeeded")).succeeded
    for command in ("deploy", "deploy --plan", "promote", "adopt", "rollback"):
        assert Release(replace(BEGUN, command=command)).deploys
    for command in ("destroy", "destroy --purge-data", "recover", "cancel", "drift --repair"):
        assert not Release(replace(BEGUN, command=command)).deploys
