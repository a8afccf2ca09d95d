"""The command line finds a platform of somebody's own by the configuration of the project."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.paths import ROOT
from tests.second.project import write_project

COMMANDS = (
    ("render",),
    ("render", "--check"),
    ("lint", "--format", "json"),
    ("env", "list", "--format", "json"),
    ("graph", "--format", "mermaid"),
)
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
found = [name for name in sys.modules if name.startswith("tapgen.payments.")]
print("\\n" + json.dumps([codes, found]))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The second platform as the code of a project of its own, outside of this repository."""
    folder = tmp_path_factory.mktemp("own")
    write_project(folder)
    (folder / "below").mkdir()
    return folder


@pytest.mark.slow
def test_every_command_works_from_a_folder_below_without_a_line_of_payments(project: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(COMMANDS)],
        cwd=project / "below",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found: list[Any] = json.loads(ran.stdout.splitlines()[-1])
    assert found == [[0] * len(COMMANDS), []], ran.stderr
    written = {
        str(path.relative_to(project / "templates_out"))
        for path in (project / "templates_out").rglob("*.json")
    }
    layers = ("queue", "topic", "alarm")
    assert written == {
        f"{folder}{layer}.json" for folder in ("", "test/", "live/") for layer in layers
    }
