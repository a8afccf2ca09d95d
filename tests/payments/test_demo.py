"""The second half of `make demo`, against a real deployment of the project's own environment."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tapgen.errors import TapgenError
from tapgen.payments import demo
from tests.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator


def run(project: Path, *module: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *module],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.fixture
def deployed(tmp_path: Path) -> Iterator[Path]:
    shutil.copytree(ROOT / "envs", tmp_path / "envs")
    try:
        for command in ("deploy --env dev --yes", "outputs --env dev --format flat"):
            done = run(tmp_path, "tapgen", *command.split(), "--local")
            assert done.returncode == 0, done.stderr
        yield tmp_path
    finally:
        assert run(tmp_path, "tapgen", "local", "stop").returncode == 0


@pytest.mark.slow
def test_the_demo_posts_a_payment_and_reads_the_stored_one_back(deployed: Path) -> None:
    done = run(deployed, "tapgen.payments.demo")
    assert done.returncode == 0, done.stderr
    asked, _, used = done.stdout.partition("an access token for 900 seconds\n")
    assert "amazoncognito.com/oauth2/token  (scope payments/read payments/write)" in asked
    posted, _, read = used.partition("\nGET ")
    post, _, answer = posted.partition("{")
    get, _, stored = read.partition("{")
    payment = json.loads("{" + answer)
    assert post.split() == ["POST", "https://dev.api.example.com/transactions"]
    assert get.strip() == f"https://dev.api.example.com/transactions/{payment['transactionId']}"
    assert json.loads("{" + stored) == payment
    assert (payment["amount"], payment["currency"]) == (4999, "EUR")


def test_the_demo_says_when_the_local_aws_does_not_run(tmp_path: Path) -> None:
    with pytest.raises(TapgenError, match="not running"):
        demo.main(tmp_path)
    done = run(tmp_path, "tapgen.payments.demo")
    assert done.returncode == 1
    assert done.stderr == "The local AWS is not running. Run `make demo`, which starts it.\n"
