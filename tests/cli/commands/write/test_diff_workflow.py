"""The workflow that comments on pull requests, and the hooks of pre-commit."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from tapgen.cli.main import cli
from tapgen.cli.views.diff.markdown import MARKER
from tests.paths import ROOT

WORKFLOW: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows/review.yml").read_text())
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())

# Stands for GitHub's command line: notes how it was called, and lists the comments in $COMMENTS.
GH = """#!/bin/sh
printf '%s\\n' "$*" >> "$CALLS"
case "$*" in *--paginate*) printf '%s' "$COMMENTS" ;; esac
"""


def steps(job: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = WORKFLOW["jobs"][job]["steps"]
    return found


def test_the_report_is_kept_as_a_file_of_the_run() -> None:
    (written,) = [step for step in steps("impact") if "tapgen report" in step.get("run", "")]
    (kept,) = [step for step in steps("impact") if "upload-artifact" in step.get("uses", "")]
    path = kept["with"]["path"]
    assert written["run"].endswith(f" --out {path}")
    assert f"steps.{written['id']}.outcome == 'success'" in kept["if"]


def test_what_may_write_runs_nothing_of_the_pull_request() -> None:
    assert WORKFLOW["permissions"] == {}
    assert WORKFLOW["jobs"]["impact"]["permissions"] == {"contents": "read"}
    assert WORKFLOW["jobs"]["comment"]["permissions"] == {"pull-requests": "write"}
    assert not any("uses" in step for step in steps("comment"))
    # An expression in a script would let a branch name be code.
    scripts = [step["run"] for job in WORKFLOW["jobs"] for step in steps(job) if "run" in step]
    assert len(scripts) > 3
    assert not any("${{" in script for script in scripts)


@pytest.mark.parametrize(("comments", "call"), [("", "POST"), ("7\n", "PATCH")])
def test_the_comment_is_posted_once_and_then_updated(
    tmp_path: Path, comments: str, call: str
) -> None:
    (step,) = steps("comment")
    program = tmp_path / "gh"
    program.write_text(GH)
    program.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "CALLS": str(tmp_path / "calls"),
        "COMMENTS": comments,
        "COMMENT": f"{MARKER}\ntext",
        "NUMBER": "5",
        "GITHUB_REPOSITORY": "o/r",
    }
    subprocess.run(
        ["bash", "-eo", "pipefail", "-c", step["run"]], cwd=tmp_path, env=environment, check=True
    )
    listing, writing = (tmp_path / "calls").read_text().split("api --silent ")
    assert f'startswith("{MARKER}")' in listing
    path = "issues/5/comments" if call == "POST" else "issues/comments/7"
    assert writing == f"--method {call} repos/o/r/{path} --field body=@comment.md\n"
    assert (tmp_path / "comment.md").read_text() == f"{MARKER}\ntext\n"


def test_every_tapgen_command_exists_with_its_options() -> None:
    scripts = [step["run"] for step in steps("impact") if "run" in step]
    lines = [line.strip() for script in scripts for line in script.splitlines()]
    found = [line.partition(" > ")[0] for line in lines if line.startswith("tapgen ")]
    found += [hook["entry"] for hook in HOOKS]
    assert len(found) == 7
    for line in found:
        ran = CliRunner().invoke(cli, [*shlex.split(line)[1:], "--help"])
        assert ran.exit_code == 0, line


def test_hooks_check_and_lint() -> None:
    assert [hook["entry"] for hook in HOOKS] == ["tapgen render --check", "tapgen lint"]
    for hook in HOOKS:
        assert re.search(hook["files"], "envs/prod.yaml")
        assert not hook["pass_filenames"]
