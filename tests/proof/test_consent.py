"""Nothing is made in an account that was not named, nor without a yes."""

from __future__ import annotations

import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.behaviour.facts import Fact, documented
from tests.behaviour.run import Run
from tests.paths import ROOT
from tests.proof import consent
from tests.proof.__main__ import REFUSED, main
from tests.proof.consent import Estimate, RefusedError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proof.conftest import Stage


def never(_question: str) -> str:
    raise AssertionError("nobody is to be asked")


def test_without_an_account_it_is_a_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([])
    assert "--account" in capsys.readouterr().err


def test_credentials_of_another_account_are_refused(
    stage: Stage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    credentials = tmp_path / "credentials"
    credentials.write_text(
        "[other]\naws_access_key_id = 444444444444\naws_secret_access_key = local\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    code = main(["--account", stage.account, "--profile", "other", "--yes"], never)
    assert code == REFUSED
    assert f"of account 444444444444, not of {stage.account}" in capsys.readouterr().out
    assert list(stage.runs.glob("*")) == []


@pytest.mark.parametrize("answer", ["", "yes", "111111111111"])
def test_what_it_does_costs_and_takes_is_told_and_has_to_be_agreed_to(
    stage: Stage, capsys: pytest.CaptureFixture[str], answer: str
) -> None:
    code = main(["--account", stage.account, "--part", "journey"], lambda _: answer)
    assert code == REFUSED
    told = capsys.readouterr().out
    assert f"in account {stage.account}, us-east-1, as arn:aws:iam::{stage.account}:root" in told
    assert f"destroyed: {consent.JOURNEY}" in told
    assert "nothing was done" in told
    assert list(stage.runs.glob("*")) == []


def test_no_answer_is_a_no(stage: Stage) -> None:
    def closed(_question: str) -> str:
        raise EOFError

    assert main(["--account", stage.account, "--part", "journey"], closed) == REFUSED


def test_where_it_is_not_aws_that_answers_nothing_is_asked(stage: Stage) -> None:
    run = Run(stage.runs / "none", stage.account, "us-east-1")
    with pytest.raises(RefusedError, match="AWS_ENDPOINT_URL_S3 is set"):
        consent.check(run, {"AWS_ENDPOINT_URL_S3": "http://localhost"})


def test_the_root_of_an_account_cannot_take_on_the_role(stage: Stage) -> None:
    real = Run(stage.runs / "none", "111111111111", "us-east-1")
    arn = "arn:aws:iam::111111111111:root"
    with pytest.raises(RefusedError, match="cannot assume a role"):
        consent.refuse_caller(real, {"Account": "111111111111", "Arn": arn})


def test_time_and_cost_are_those_of_the_facts() -> None:
    facts = [Fact(documented("x"), seconds=600, dollars=0.25)] * 4
    assert consent.estimate(facts) == Estimate(10, 1.0)
    assert str(Estimate(10, 1)) == "about 10 minutes and $1.00"
    assert consent.estimate([]).minutes == 1


def test_make_passes_on_what_it_is_given() -> None:
    given = ["ACCOUNT=111111111111", "PROFILE=my dev", "PART=clean"]
    asked = ["make", "--no-print-directory", "--dry-run", "test-aws", *given]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    words = shlex.split(done.stdout.partition("-m tests.proof")[2].replace("\\\n", " "))
    assert words == ["--account", "111111111111", "--profile", "my dev", "--part", "clean"]
