"""Each form of `tapgen lint` holds the findings as its readers expect them."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import click
import pytest

from tapgen.cli.views.findings import findings as view
from tapgen.review.lint.findings import Finding
from tapgen.review.lint.remembered import Verdict

BUCKET = Finding(
    "templates_out/storage.json",
    12,
    5,
    "T008",
    "retained-data",
    "error",
    "holds data, 100% of it: keep\nit",
    layer="storage",
    logical_id="Bucket",
    environments=("dev", "prod"),
    source="tapgen/payments/layers/storage.py",
)
SUB = Finding(
    "templates_out/storage.json",
    20,
    1,
    "W1020",
    "Sub isn't needed, or: is it",
    "warning",
    "no variables",
    url="https://docs.example/W1020",
)
SETTING = Finding("envs/my env.yaml", 3, 7, "T000", "settings", "informational", "odd \x1b<&>")
ALL = [BUCKET, SUB, SETTING]


def shown(capsys: pytest.CaptureFixture[str], findings: list[Finding], output: str) -> str:
    view.show(findings, output)
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def test_text_groups_by_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert click.unstyle(shown(capsys, ALL, "text")).splitlines() == [
        "templates_out/storage.json",
        (
            "  templates_out/storage.json:12:5  error  Bucket: holds data, 100% of it: keep\\nit  "
            "(T008 retained-data)"
        ),
        "      in dev, prod",
        "      change tapgen/payments/layers/storage.py",
        (
            "  templates_out/storage.json:20:1  warning  no variables  "
            "(W1020 Sub isn't needed, or: is it)"
        ),
        "",
        "envs/my env.yaml",
        "  envs/my env.yaml:3:7  informational  odd \\x1b<&>  (T000 settings)",
    ]


@pytest.mark.parametrize("output", ["text", "github"])
def test_without_findings_there_is_nothing_to_print(
    capsys: pytest.CaptureFixture[str], output: str
) -> None:
    assert shown(capsys, [], output) == ""


def test_json_holds_every_field(capsys: pytest.CaptureFixture[str]) -> None:
    first, *_ = documents = json.loads(shown(capsys, ALL, "json"))["findings"]
    assert len(documents) == 3
    assert first == {
        "path": "templates_out/storage.json",
        "line": 12,
        "column": 5,
        "rule": "T008",
        "name": "retained-data",
        "severity": "error",
        "message": "holds data, 100% of it: keep\nit",
        "layer": "storage",
        "logical_id": "Bucket",
        "environments": ["dev", "prod"],
        "source": "tapgen/payments/layers/storage.py",
        "url": "",
    }
    assert json.loads(shown(capsys, [], "json")) == {"version": 1, "findings": []}


def test_github_annotations_are_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, ALL, "github").splitlines() == [
        (
            "::error file=templates_out/storage.json,line=12,col=5,title=T008 retained-data"
            "::Bucket: holds data, 100%25 of it: keep%0Ait (in dev, prod). "
            "Change tapgen/payments/layers/storage.py"
        ),
        (
            "::warning file=templates_out/storage.json,line=20,col=1,"
            "title=W1020 Sub isn't needed%2C or%3A is it::no variables"
        ),
        "::notice file=envs/my env.yaml,line=3,col=7,title=T000 settings::odd \\x1b<&>",
    ]


def test_sarif_is_one_run_with_rules_and_results(capsys: pytest.CaptureFixture[str]) -> None:
    log = json.loads(shown(capsys, [*ALL, BUCKET], "sarif"))
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    (run,) = log["runs"]
    rules: list[dict[str, Any]] = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["T008", "W1020", "T000"]
    assert [rule.get("helpUri") for rule in rules] == [None, "https://docs.example/W1020", None]
    results = run["results"]
    assert [rules[result["ruleIndex"]]["id"] for result in results] == [
        result["ruleId"] for result in results
    ]
    assert [result["level"] for result in results] == ["error", "warning", "note", "error"]
    assert results[0]["message"] == {"text": "holds data, 100% of it: keep\nit"}
    assert results[0]["properties"]["environments"] == ["dev", "prod"]
    assert results[0]["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "templates_out/storage.json", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 12, "startColumn": 5},
            },
            "logicalLocations": [{"fullyQualifiedName": "storage.Bucket", "kind": "resource"}],
        }
    ]
    place = results[2]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "envs/my%20env.yaml"


def test_sarif_without_findings_is_a_log_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    (run,) = json.loads(shown(capsys, [], "sarif"))["runs"]
    assert (run["results"], run["tool"]["driver"]["rules"]) == ([], [])


def test_junit_has_a_failed_case_for_each_finding(capsys: pytest.CaptureFixture[str]) -> None:
    root = ET.fromstring(shown(capsys, ALL, "junit"))  # noqa: S314 - what we wrote ourselves
    (suite,) = root
    assert (suite.get("tests"), suite.get("failures")) == ("3", "3")
    assert [case.get("classname") for case in suite] == [one.path for one in ALL]
    failure = suite[0][0]
    assert failure.get("type") == "error"
    assert failure.text == (
        "templates_out/storage.json:12:5\nBucket\ndev, prod\ntapgen/payments/layers/storage.py"
    )
    assert suite[2][0].get("message") == "odd \N{REPLACEMENT CHARACTER}<&>"


def test_junit_without_findings_is_one_passed_case(capsys: pytest.CaptureFixture[str]) -> None:
    (suite,) = ET.fromstring(shown(capsys, [], "junit"))  # noqa: S314 - what we wrote ourselves
    assert (suite.get("tests"), suite.get("failures")) == ("1", "0")
    assert [len(case) for case in suite] == [0]


@pytest.mark.parametrize(
    ("findings", "environments", "line"),
    [
        ([], ["dev", "prod"], "3 templates, dev, prod: no findings"),
        ([*ALL, SUB], ["dev"], "3 templates, dev: 1 error, 2 warning, 1 informational"),
        ([SUB], [], "3 templates, no valid environment: 1 warning"),
    ],
)
def test_the_summary_counts(
    capsys: pytest.CaptureFixture[str],
    findings: list[Finding],
    environments: list[str],
    line: str,
) -> None:
    view.summarise(Verdict(tuple(findings), 3, tuple(environments)))
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", f"{line}\n")
