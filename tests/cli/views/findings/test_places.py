from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tapgen.cli.views.findings.github import workflow_commands
from tapgen.cli.views.findings.junit import junit
from tapgen.cli.views.findings.places import in_repository
from tapgen.cli.views.findings.sarif import sarif
from tapgen.review.lint.findings import Finding

FOUND = Finding("envs/dev.yaml", 1, 1, "T000", "settings", "error", "odd")


@pytest.fixture
def subfolder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in a folder of a repository, and where one works."""
    folder = tmp_path / "repository" / "platforms" / "pay"
    (folder / "src").mkdir(parents=True)
    (tmp_path / "repository" / ".git").write_text("gitdir: elsewhere\n")
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("envs/dev.yaml", "platforms/pay/envs/dev.yaml"),
        ("./a/../b.json", "platforms/pay/b.json"),
        ("../other.json", "platforms/other.json"),
        ("../../../out.json", "../../../out.json"),
        ("/elsewhere/a.json", "/elsewhere/a.json"),
    ],
)
def test_paths_begin_at_the_root_of_the_repository(subfolder: Path, path: str, found: str) -> None:
    assert in_repository(path) == found
    assert in_repository(str(subfolder / "envs" / "dev.yaml")) == "platforms/pay/envs/dev.yaml"


def test_in_a_folder_of_the_project_too(subfolder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(subfolder / "src")
    assert in_repository("../envs/dev.yaml") == "platforms/pay/envs/dev.yaml"


def test_outside_of_a_repository_a_path_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert in_repository("envs/dev.yaml") == "envs/dev.yaml"


@pytest.mark.usefixtures("subfolder")
def test_every_form_for_machines_names_files_like_that() -> None:
    path = "platforms/pay/envs/dev.yaml"
    assert workflow_commands([FOUND]).startswith(f"::error file={path},line=1")
    (result,) = json.loads(sarif([FOUND]))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == path
    case = ET.fromstring(junit([FOUND])).find(".//testcase")  # noqa: S314 - our own
    assert case is not None
    assert case.get("file") == path
