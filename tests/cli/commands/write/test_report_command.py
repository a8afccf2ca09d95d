"""`tapgen report` as it is typed. How its page works is tested in tests/browser."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tapgen.render.rendering import Rendered
from tests.cli.commands.write.test_diff_command import setting
from tests.cli.repository import git


def test_the_page_is_written_as_a_whole(history: Path, tapgen: Any) -> None:
    (history / "report.html").write_text("what was there before")
    ran = tapgen("report", "--no-lint", "--out", "report.html", "--force")
    assert (ran.code, ran.out, ran.err) == (0, "", "wrote report.html\n")
    page = (history / "report.html").read_text()
    assert page.startswith("<!doctype html>\n")
    assert page.endswith("</html>\n")
    assert "(merge base with main)" in page
    assert "what was there" not in page
    assert not list(history.glob(".report.html*"))
    assert tapgen("report", "--no-lint", "--out", "report.html", "--quiet").err == ""


@pytest.mark.parametrize("form", ["html", "json"])
def test_an_earlier_report_is_replaced_and_no_other_file(
    history: Path, tapgen: Any, form: str
) -> None:
    report = ("report", "--no-lint", "--format", form, "--out")
    assert [tapgen(*report, "report").code for _ in range(2)] == [0, 0]
    for text in ("name: dev\n", "[]", "{}"):
        (history / "other").write_text(text)
        refused = tapgen(*report, "other")
        assert (refused.code, (history / "other").read_text()) == (4, text)
        assert "error: other is not a report, so it is not overwritten" in refused.err


def test_the_page_can_be_printed(history: Path, tapgen: Any) -> None:
    tapgen("report", "--no-lint", "--out", "report.html")
    page = (history / "report.html").read_text()
    assert tapgen("report", "--no-lint") == (0, page, "")
    assert tapgen("report", "--no-lint", "--out", "-").out == page


def test_a_place_that_cannot_be_written_to_is_told(history: Path, tapgen: Any) -> None:
    (history / "file").touch()
    ran = tapgen("report", "--no-lint", "--out", "file/report.html")
    assert ran.code == 1
    assert "cannot write file/report.html" in ran.err


def test_costs_and_what_the_change_adds_are_in_it(history: Path, tapgen: Any) -> None:
    page = tapgen("report", "--no-lint").out
    assert "The change does not change the cost of any environment" in page
    setting(history, "dev", "  nat: none", "  nat: per-az")
    page = tapgen("report", "--no-lint").out
    assert "The change does not change the cost of any environment" not in page
    row = '<th scope="row" role="rowheader">network.NatGateway1</th><td role="cell">+32.85</td>'
    assert row in page
    found = json.loads(tapgen("report", "--no-lint", "--format", "json").out)
    cost = json.loads(tapgen("cost", "--format", "json").out)["environments"]
    for name, told in found["costs"].items():
        assert told == {part: cost[name][part] for part in told}
    assert found["impact"]["environments"]["dev"]["cost"]["change"]["low"] == 73.0


def test_costs_are_in_it_where_nothing_is_compared(
    project: Path, tapgen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(project.parent))
    found = json.loads(tapgen("report", "--no-lint", "--format", "json").out)
    assert "not_compared" in found["impact"]
    assert found["costs"]["dev"]["total"]["low"] > 0
    assert found["costs"]["dev"]["complete"] is True


def test_json_has_the_same_in_full(history: Path, tapgen: Any, rendered: Rendered) -> None:
    setting(history, "prod", "memory_mb: 3008", "memory_mb: 2048")
    setting(history, "dev", "domain: dev.api.example.com\n", "")
    ran = tapgen("report", "--no-lint", "--format", "json")
    record = json.loads(ran.out)
    assert record["environments"]["prod"] == {
        "account": "333333333333",
        "region": "us-east-1",
        "domain": "api.example.com",
        "protected": True,
    }
    assert record["layers"]["storage"]["inputs"] == {"KeyArn": "data.KeyArn"}
    assert record["layers"]["zone"]["stacks"] == {
        "dev": {"left_out": "domain is not set"},
        **{
            name: {
                "stack": f"payments-{name}-zone",
                "region": "us-east-1",
                "template_sha256": rendered.templates["zone"].sha256,
            }
            for name in ("staging", "prod")
        },
    }
    parity = tapgen("parity", "--declared", "--format", "json").out
    assert {"version": 1, **record["parity"]} == json.loads(parity)
    impact = tapgen("diff", "--cost", "--format", "json").out
    assert {"version": 1, **record["impact"]} == json.loads(impact)
    assert record["findings"] is None


@pytest.mark.slow
def test_lint_is_run_unless_it_is_left_out(history: Path, tapgen: Any) -> None:
    ran = tapgen("report", "--env", "dev", "--format", "json", "--exit-code")
    assert (ran.code, json.loads(ran.out)["findings"]) == (0, [])


def test_what_must_not_differ_ends_with_3_where_that_was_asked_for(
    history: Path, tapgen: Any
) -> None:
    quietly = ("report", "--no-lint", "--format", "json")
    assert tapgen(*quietly, "--exit-code").code == 0
    setting(history, "staging", "  memory_mb", "  log_level: DEBUG\n  memory_mb")
    assert tapgen(*quietly).code == 0
    assert tapgen(*quietly, "--exit-code").code == 3


def test_another_side_and_fewer_environments(history: Path, tapgen: Any) -> None:
    git(history, "tag", "v1")
    ran = tapgen("report", "--no-lint", "--format", "json", "--env", "dev", "--against", "v1")
    record = json.loads(ran.out)
    assert list(record["environments"]) == ["dev"]
    assert record["impact"]["against"].startswith("v1 (")
    ran = tapgen("report", "--no-lint", "--env", "prod", "--against", "staging")
    assert "the environment staging" in ran.out
    assert "a deployment would do" not in ran.out  # none leads from one to another


def test_a_revision_that_is_none_is_told(history: Path, tapgen: Any) -> None:
    ran = tapgen("report", "--no-lint", "--against", "nowhere")
    assert ran.code == 2
    assert "'nowhere' is neither an environment nor a git revision" in ran.err


def test_without_history_the_rest_is_told(project: Path, tapgen: Any) -> None:
    ran = tapgen("report", "--no-lint", "--format", "json")
    assert ran.code == 0
    assert ran.err.startswith("note: the report does not show the impact of a change: ")
    assert "--against" in ran.err
    (reason,) = json.loads(ran.out)["impact"].values()
    assert reason in ran.err
    page = tapgen("report", "--no-lint").out
    assert "Nothing to compare with" in page


def test_faults_in_settings_are_all_told(project: Path, tapgen: Any) -> None:
    setting(project, "prod", "memory_mb: 3008", "memory_mb: 7")
    ran = tapgen("report", "--no-lint", "--out", "report.html")
    assert ran.code == 1
    assert "envs/prod.yaml:23:14: functions.memory_mb" in ran.err
    assert not (project / "report.html").exists()


@pytest.mark.slow
def test_the_same_files_give_the_same_bytes(history: Path) -> None:
    setting(history, "prod", "memory_mb: 3008", "memory_mb: 2048")
    pages = [
        subprocess.run(
            [sys.executable, "-m", "tapgen", "report", "--no-lint"],
            cwd=history,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "PYTHONIOENCODING": code},
            check=True,
            capture_output=True,
            timeout=600,
        ).stdout
        for seed, zone, code in [("1", "UTC", "utf-8"), ("2", "Asia/Tokyo", "latin-1")]
    ]
    assert pages[0] == pages[1]
    assert "→" in pages[0].decode()  # UTF-8, whatever the terminal takes


@pytest.mark.slow
def test_what_is_deployed_is_another_side(local_tapgen: Any) -> None:
    ran = local_tapgen("report", "--no-lint", "--against", "deployed", "--format", "json")
    impact = json.loads(ran.out)["impact"]
    assert impact["against"] == "what is deployed"
    assert {stack["kind"] for stack in impact["environments"]["dev"]["stacks"]} == {"added"}
