"""What `tapgen approve` prints where nobody was asked, or the answer was no."""

from __future__ import annotations

import json

import pytest

from tapgen.cli.views.runs import approvals
from tapgen.deploy.guards.approvals import Judged
from tapgen.errors import RefusedError
from tapgen.operations.record.approval import Approved
from tests.deploy.guards.test_approvals import WANTED


def done(judged: Judged | None = None, *, agreed: bool = True) -> Approved:
    commands = ("tapgen approve p", "tapgen plan --out p", "tapgen deploy --plan p")
    found = judged or Judged(WANTED)
    return Approved("prod", found, "anna", "s3://ledger", *commands, agreed=agreed)


def test_where_the_answer_is_no_nothing_was_signed(capsys: pytest.CaptureFixture[str]) -> None:
    assert approvals.approved(done(agreed=False), "text") == 1
    assert capsys.readouterr() == ("", "Nothing was changed.\n")


def test_what_is_missing_and_what_it_takes_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert approvals.checked(done(), "text") == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        "prod: 0 of 2 approvals\n"
        "next: `tapgen approve p`, by someone who neither made the plan nor deploys it\n"
    )


def test_a_forgery_is_an_error_beside_the_result(capsys: pytest.CaptureFixture[str]) -> None:
    forged = done(Judged(WANTED, forged={"approvals/1": "it was changed"}))
    with pytest.raises(RefusedError, match="some approvals of this plan are not genuine"):
        approvals.checked(forged, "json")
    told = json.loads(capsys.readouterr().out)
    assert (told["forged"], told["enough"]) == ({"approvals/1": "it was changed"}, False)
    assert told["error"]["code"] == 4
