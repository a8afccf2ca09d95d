from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def test_everything_is_written_once(project: Path, tapgen: Any) -> None:
    ran = tapgen("render")
    assert ran.code == 0
    assert "wrote templates_out/network.json" in ran.out
    assert "wrote templates_out/prod/network.json" in ran.out
    assert ran.err == "11 templates, 3 environments, 44 files: 44 changed\n"
    assert len(list((project / "templates_out").rglob("*.json"))) == 44
    again = tapgen("render")
    assert (again.code, again.out) == (0, "")
    assert again.err == "11 templates, 3 environments, 44 files: nothing changed\n"


def test_one_environment_into_another_folder(project: Path, tapgen: Any) -> None:
    assert tapgen("render", "--env", "dev", "--out", "elsewhere", "--quiet") == (0, "", "")
    folders = [path.name for path in (project / "elsewhere").iterdir() if path.is_dir()]
    assert folders == ["dev"]
    assert not (project / "templates_out").exists()


def test_the_folder_of_the_settings_is_none_to_write_to(project: Path, tapgen: Any) -> None:
    before = sorted((project / "envs").rglob("*"))
    for option in ("--out", "--resolved"):
        ran = tapgen("render", option, "./envs")
        assert ran.code == 2
        assert "error: envs holds the settings of the environments\nnext: " in ran.err
    assert sorted((project / "envs").rglob("*")) == before


def test_check_shows_what_differs_and_writes_nothing(project: Path, tapgen: Any) -> None:
    tapgen("render")
    assert tapgen("render", "--check") == (0, "", "")
    dev = project / "envs" / "dev.yaml"
    dev.write_text(dev.read_text().replace("memory_mb: 512", "memory_mb: 640"))
    (project / "templates_out" / "dev" / "api.json").unlink()
    old = project / "templates_out" / "dev" / "old.json"
    old.write_text('{"Environment": "dev", "Layer": "old"}')
    before = {path: path.read_bytes() for path in project.rglob("*.json")}
    ran = tapgen("render", "--check")
    assert ran.code == 3
    assert '-    "MemoryMb": "512",\n+    "MemoryMb": "640",\n' in ran.out
    assert "+++ templates_out/dev/api.json (rendered)\n@@ -0,0 +1," in ran.out
    assert '@@ -1 +0,0 @@\n-{"Environment": "dev", "Layer": "old"}\n' in ran.out
    assert ran.err == "3 files are out of date. Run `tapgen render` and commit the result.\n"
    assert {path: path.read_bytes() for path in project.rglob("*.json")} == before
    as_json = tapgen("render", "--check", "--format", "json")
    assert as_json.code == 3
    assert json.loads(as_json.out)["changes"] == [
        {"path": "dev/compute.json", "kind": "change"},
        {"path": "dev/api.json", "kind": "add"},
        {"path": "dev/old.json", "kind": "remove"},
    ]
    written = tapgen("render", "--format", "json")
    assert (written.code, written.out, written.err) == (0, as_json.out, "")
    elsewhere = tapgen("render", "dev", "--check", "--templates", "o t")
    assert "Run `tapgen render --templates 'o t'` and commit" in elsewhere.err
    old.write_text('{"Environment": "dev", "Layer": "old"}')
    assert tapgen("render").out == "removed templates_out/dev/old.json\n"


def test_a_faulty_environment_is_told_with_its_place(project: Path, tapgen: Any) -> None:
    dev = project / "envs" / "dev.yaml"
    dev.write_text(dev.read_text().replace("memory_mb: 512", "memory_mb: 5"))
    ran = tapgen("render")
    assert (ran.code, ran.out) == (1, "")
    assert "envs/dev.yaml:" in ran.err
    assert "memory_mb" in ran.err


def test_an_unknown_environment_is_wrong_usage(project: Path, tapgen: Any) -> None:
    ran = tapgen("render", "--env", "pord")
    assert ran.code == 2
    assert "did you mean prod?" in ran.err


def test_a_folder_that_cannot_be_written_is_an_error(project: Path, tapgen: Any) -> None:
    (project / "templates_out").mkdir()
    (project / "templates_out" / "dev").write_text("in the way")
    ran = tapgen("render")
    assert ran.code == 1
    assert "cannot write templates_out/dev/" in ran.err
    assert "next: " in ran.err


def test_resolved_templates_are_written_instead(project: Path, tapgen: Any) -> None:
    said = "wrote templates with their values to scanned\n"
    assert tapgen("render", "--resolved", "scanned", "--env", "dev") == (0, "", said)
    refused = tapgen("render", "--resolved", "scanned", "--format", "json")
    assert "--resolved cannot be used with --format json" in refused.err
    files = sorted((project / "scanned").rglob("*.json"))
    assert [path.parent.name for path in files] == ["dev"] * 11
    table = json.loads((project / "scanned" / "dev" / "data.json").read_text())["Resources"]
    assert table["SessionsTable"]["Properties"]["TableName"] == "payments-dev-sessions"
    assert not (project / "templates_out").exists()


def test_resolved_templates_are_not_compared(project: Path, tapgen: Any) -> None:
    ran = tapgen("render", "--resolved", "scanned", "--check")
    assert ran.code == 2
    assert "--resolved cannot be used with --check" in ran.err
