"""The engine serves a platform that it has never heard of, without a line of payments."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.paths import ROOT

if TYPE_CHECKING:
    from tapgen.local.client import LocalAws


@pytest.fixture(scope="module")
def steps(local_aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("second")
    shutil.copytree(Path(__file__).parent / "envs", folder / "envs")
    ran = subprocess.run(
        [sys.executable, "-m", "tests.second.tour", str(local_aws.directory.parents[1])],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("render", {"templates": 3, "environments": 2, "files": 9}),
        ("lint", []),
        ("diff", [["queue", "Jobs"]]),
        ("plan", True),
        ("deploy", {"queue": True, "topic": True, "alarm": True}),
        ("verify", []),
        ("drift", True),
        ("outputs", {"QueueName": "second-test-jobs"}),
        ("parity", True),
        ("destroy", {"alarm": True, "topic": True, "queue": True}),
        ("payments", []),
    ],
)
def test_every_step_of_a_second_platform(steps: dict[str, Any], step: str, expected: Any) -> None:
    assert steps[step] == expected


@pytest.mark.slow
def test_what_is_verified_and_allowed_is_its_own(steps: dict[str, Any]) -> None:
    assert steps["compared"] > 10
    assert steps["policies"] >= 1
