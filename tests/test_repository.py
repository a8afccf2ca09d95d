"""Files for people who work on the repository: hooks of pre-commit, editors, owners, container."""

from __future__ import annotations

import configparser
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.paths import ROOT
from tests.repository_files import needs_git, tracked


def read(name: str) -> str:
    return (ROOT / name).read_text()


CONFIG: dict[str, Any] = yaml.safe_load(read(".pre-commit-config.yaml"))
HOOKS: list[dict[str, Any]] = [hook for repo in CONFIG["repos"] for hook in repo["hooks"]]


# --- pre-commit -----------------------------------------------------------------------------------


def test_hooks_download_nothing() -> None:
    assert [repo["repo"] for repo in CONFIG["repos"]] == ["local"]
    assert {hook["language"] for hook in HOOKS} == {"system"}


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_runs_a_tool_of_the_project_with_options_that_it_has(hook: dict[str, Any]) -> None:
    tool, *arguments = shlex.split(hook["entry"])
    assert Path(tool).parent == Path(".venv/bin")
    program = Path(sys.executable).with_name(Path(tool).name)
    ran = subprocess.run(
        [program, *arguments, "--help"], capture_output=True, check=False, timeout=600
    )
    assert ran.returncode == 0, ran.stderr


@needs_git
def test_every_hook_has_files_and_a_time_to_run() -> None:
    stages = set(CONFIG["default_install_hook_types"])
    assert set(CONFIG["default_stages"]) <= stages
    for hook in HOOKS:
        assert set(hook.get("stages", [])) <= stages
        assert any(re.search(hook["files"], name) for name in tracked()), hook["id"]


# --- editors and owners ---------------------------------------------------------------------------


def patterns(section: str) -> re.Pattern[str]:
    """A section of .editorconfig as a pattern for a file's name: `*`, `*.py`, `*.{css,js}`."""
    braces = re.sub(r"\{(.*?)\}", lambda found: f"({found[1].replace(',', '|')})", section)
    return re.compile(braces.replace(".", r"\.").replace("*", ".*"))


def style(name: str, editors: configparser.ConfigParser) -> dict[str, str]:
    """What .editorconfig asks of a file; later sections win."""
    asked: dict[str, str] = {}
    for section in editors.sections():
        if patterns(section).fullmatch(Path(name).name):
            asked |= editors[section]
    return asked


@needs_git
def test_every_file_is_written_as_editors_are_told() -> None:
    editors = configparser.ConfigParser()
    editors.read_string("[DEFAULT]\n" + read(".editorconfig"))
    assert editors["DEFAULT"].pop("root") == "true"
    tabs = {name for name in tracked() if style(name, editors)["indent_style"] == "tab"}
    assert tabs == {"LICENSE", "Makefile"}
    for name in tracked():
        if name.endswith(".png"):
            continue
        text = (ROOT / name).read_bytes().decode("utf-8")
        assert "\r" not in text, name
        assert not text or text.endswith("\n"), name
        assert not re.search(r"[ \t]$", text, re.MULTILINE), name
        assert name in tabs or not re.search(r"^ *\t", text, re.MULTILINE), name


def test_editors_and_ruff_agree_on_the_length_of_a_line() -> None:
    asked = re.findall(r"^max_line_length = (\d+)$", read(".editorconfig"), re.MULTILINE)
    checked = re.findall(r"^line-length = (\d+)$", read("pyproject.toml"), re.MULTILINE)
    assert asked == checked != []


def test_every_file_has_an_owner() -> None:
    lines = read(".github/CODEOWNERS").splitlines()
    rules = [line.split() for line in lines if line and not line.startswith("#")]
    assert rules[0][0] == "*"
    for pattern, *owners in rules:
        assert owners
        assert all(re.fullmatch(r"@[\w-]+(/[\w-]+)?", owner) for owner in owners)
        assert pattern == "*" or (ROOT / pattern.strip("/")).exists(), pattern


# --- container ------------------------------------------------------------------------------------


def test_the_container_is_pinned_and_shows_the_demo() -> None:
    text = re.sub(r"^//.*\n", "", read(".devcontainer/devcontainer.json"), flags=re.MULTILINE)
    container = json.loads(text)
    image = re.fullmatch(r"python:(3\.\d+)\.\d+-\w+@sha256:[0-9a-f]{64}", container["image"])
    assert image
    assert f'"{image[1]}"' in read(".github/workflows/ci.yml")
    make, target = container["postCreateCommand"].split()
    assert make == "make"
    assert re.search(rf"^{target}:", read("Makefile"), re.MULTILINE)
