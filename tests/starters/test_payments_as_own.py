"""The payments platform as a project's own code works, and none of tapgen's own is loaded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tapgen import operations
from tapgen.starters.wishes import Wishes
from tests.paths import ROOT

ACCOUNTS = {"dev": "111111111111", "staging": "222222222222", "prod": "333333333333"}
# Runs each command line, and prints how it ended and what of the payments platform was loaded.
PROGRAM = """
import json, sys
from tapgen.cli.main import main
codes = []
for arguments in json.loads(sys.argv[1]):
    try:
        main(arguments)
    except SystemExit as end:
        codes.append(end.code)
found = [name for name in sys.modules if name.startswith("tapgen.payments")]
print("\\n" + json.dumps([codes, found]))
"""
COMMANDS = (
    ("render",),
    ("lint",),
    ("deploy", "dev", "--local", "--yes"),
    ("verify", "dev", "--local"),
    ("local", "stop"),
)


@pytest.mark.slow
def test_it_is_deployed_and_verified_without_a_line_of_tapgens(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    operations.init(folder, Wishes("payments", "shop", "eu-west-1", ACCOUNTS))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(COMMANDS)],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout.splitlines()[-1]) == [[0] * len(COMMANDS), []], ran.stderr
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert tests.returncode == 0, tests.stdout
