"""Every command that the documentation shows is run, and what it shows is what comes out.

A `console` block holds commands after `$ ` and some of their output. Each shown line has to be in
the real output; numbers, ids and the width of columns may differ, and `...` stands for anything. A
command that ends with another exit code than 0 is followed by a comment: `# exit 3`.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tapgen.stacks.status import ROADS

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)
_VARIABLE = re.compile(r"[0-9a-zA-Z_.:/-]*\d[0-9a-zA-Z_.:/-]*")
_EXIT = re.compile(r"\s+# exit (\d+)$")
_LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def commands(document: Path) -> list[tuple[str, int, list[str]]]:
    """Command, expected exit code, shown output; in the order of the document."""
    found: list[tuple[str, int, list[str]]] = []
    for block in _BLOCK.findall(document.read_text()):
        for line in block.splitlines():
            if line.startswith("$ "):
                expected = _EXIT.search(line)
                found.append((_EXIT.sub("", line[2:]), int(expected[1]) if expected else 0, []))
            else:
                found[-1][2].append(line)
    return found


def normal(text: str) -> str:
    return " ".join(_VARIABLE.sub("#", text).split())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for folder in ("envs", "templates_out"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_runs_and_prints_what_is_shown(document: Path, project: Path) -> None:
    steps = commands(document)
    tapgen = shlex.quote(str(Path(sys.executable).parent))
    environment = {**os.environ, "PATH": f"{tapgen}:{os.environ['PATH']}", "NO_COLOR": "1"}
    try:
        for command, expected, shown in steps:
            run = subprocess.run(
                ["bash", "-c", command],
                cwd=project,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=600,
                check=False,
            )
            output = run.stdout + run.stderr
            assert run.returncode == expected, f"$ {command}\n{output}"
            real = [normal(line) for line in output.splitlines()]
            for line in shown:
                if line.strip() not in {"", "..."}:
                    assert normal(line) in real, f"$ {command}\nnot printed: {line}\n{output}"
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
        f"| `{status}` | {' | '.join(road.value for road in roads)} |"
        for status, roads in ROADS.items()
    ]


def test_documents_show_commands() -> None:
    assert len(commands(ROOT / "README.md")) >= 8


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in _LINK.findall(document.read_text()):
        assert (document.parent / target).exists(), f"{document.name} links to {target}"
