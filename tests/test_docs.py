"""Every command that the documentation shows is run, and what it shows is what comes out.

What counts as the same is told in `tests/documents.py`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tapgen.model.deployed.stack_status import ACTIONS
from tests.documents import DOCUMENTS, difference, files, steps
from tests.paths import ROOT

# Run elsewhere: with tapgen as it is installed from its wheel.
ELSEWHERE = {"tutorial.md"}


def failure(
    document: str, project: Path, programs: Path = Path(sys.executable).parent
) -> str | None:
    """Run the commands of a document in a project; the first that does something else, or None."""
    left_out = ("PYTHON", "PYTEST", "TAPGEN_", "AWS_")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(left_out)},
        "PATH": f"{programs}:{os.environ['PATH']}",
        "NO_COLOR": "1",
        "PYTHONUNBUFFERED": "1",  # data and talk come in the order in which a terminal shows them
    }
    for step in steps(document):
        run = subprocess.run(
            ["bash", "-c", step.command],
            cwd=project,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
            check=False,
        )
        told = f"$ {step.command}\n{run.stdout}"
        if run.returncode != step.code:
            return f"{told}ended with {run.returncode} instead of {step.code}"
        if found := difference(step.shown, run.stdout):
            return f"{told}{found}"
    return None


def write_files(document: str, project: Path) -> None:
    """Write the files that a document shows."""
    for path, content in files(document).items():
        file = project / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for folder in ("envs", "templates_out"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize(
    "document",
    [path for path in DOCUMENTS if steps(path.read_text()) and path.name not in ELSEWHERE],
    ids=lambda path: path.name,
)
def test_every_command_runs_and_prints_what_is_shown(document: Path, project: Path) -> None:
    write_files(document.read_text(), project)
    try:
        assert failure(document.read_text(), project) is None
    finally:
        subprocess.run(
            [sys.executable, "-m", "tapgen", "local", "stop"],
            cwd=project,
            check=True,
            capture_output=True,
            timeout=600,
        )


def test_the_page_for_the_night_prints_the_table_that_the_program_follows() -> None:
    page = (ROOT / "docs" / "when-it-goes-wrong.md").read_text()
    rows = re.findall(r"^\| `[A-Z_]+` \|.*$", page, re.MULTILINE)
    assert rows == [
        f"| `{status}` | {' | '.join(action.value for action in actions)} |"
        for status, actions in ACTIONS.items()
    ]


def test_documents_show_commands() -> None:
    assert len(steps((ROOT / "README.md").read_text())) >= 8


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ("$ echo 11 templates\n10 templates", "not printed here: 10 templates"),
        ("$ echo a; echo b >&2\nb\na", "printed, but not as neighbours and in this order:"),
        ("$ echo a # exit 3\na", "ended with 0 instead of 3"),
        ("$ true\n$ exit 1", "$ exit 1\nended with 1 instead of 0"),
        ("$ true\n$ echo loud", "printed, but not as neighbours and in this order:"),
    ],
)
def test_a_stale_document_is_found(block: str, reason: str, tmp_path: Path) -> None:
    found = failure(f"Text.\n\n```console\n{block}\n```\n", tmp_path)
    assert found is not None
    assert reason in found


def test_a_current_document_is_not(tmp_path: Path) -> None:
    block = "$ echo 11 templates >&2; echo 12; exit 3 # exit 3\n11 templates\n12\n$ ls"
    assert failure(f"```console\n{block}\n```\n", tmp_path) is None
