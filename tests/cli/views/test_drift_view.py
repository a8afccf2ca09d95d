from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click
import pytest

from tapgen.cli.views.drift import (
    MARKER,
    drift_text,
    findings,
    markdown,
    show_found,
    summary,
    write_sarif,
)
from tapgen.deploy.flow.events import DriftFound
from tapgen.model.deployed.drift import (
    DELETED,
    IN_SYNC,
    MODIFIED,
    NOT_CHECKED,
    LayerDrift,
    PropertyDrift,
    ResourceDrift,
)
from tests import golden_files

PROPERTY = PropertyDrift("Sizes", 5, None, {"A": ["x" * 300]})
FOUND = (
    LayerDrift(
        "data",
        "CREATE_COMPLETE",
        (
            ResourceDrift("Table", "AWS::DynamoDB::Table", MODIFIED, (PROPERTY,)),
            ResourceDrift("Key", "AWS::KMS::Key", DELETED),
            ResourceDrift("Odd", "Custom::Odd", NOT_CHECKED, reason="it cannot be read"),
            ResourceDrift("Alias", "AWS::KMS::Alias", IN_SYNC),
        ),
    ),
    LayerDrift("api", "ABSENT"),
)
BUSY = LayerDrift("zone", "UPDATE_IN_PROGRESS", checked=False)


def lines(verbosity: int) -> list[str]:
    return click.unstyle(drift_text([*FOUND, BUSY], verbosity)).splitlines()


def test_three_sides_then_counts() -> None:
    shown = lines(0)
    assert shown[0] == "data.Table (AWS::DynamoDB::Table) was modified"
    assert shown[1].startswith('  + Sizes: {"A": ["xxx')
    assert shown[1].endswith('xxx"]}')
    assert shown[2] == "      declared as 5"
    assert shown[4] == "data.Key (AWS::KMS::Key) was deleted"
    assert [line.split() for line in shown[6:]] == [
        ["layer", "resources", "drifted", "not", "checked"],
        ["data", "4", "2", "1"],
        ["api", "not", "deployed"],
        ["zone", "UPDATE_IN_PROGRESS"],
    ]


def test_what_was_not_checked_is_named_on_request() -> None:
    assert "data.Odd (Custom::Odd) was not checked: it cannot be read" in lines(1)


def test_quiet_shows_drift_only() -> None:
    assert lines(-1)[-1] == "data.Key (AWS::KMS::Key) was deleted"
    assert drift_text([LayerDrift("api", "ABSENT")], -1) == ""


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], "dev has not drifted."),
        (FOUND, "dev: 2 resources have drifted. Way back."),
        (
            [FOUND[1], BUSY],
            "dev: 0 resources have drifted; not checked: zone (UPDATE_IN_PROGRESS).",
        ),
        (
            [LayerDrift("a", "CREATE_COMPLETE", (ResourceDrift("R", "T", DELETED),))],
            "dev: 1 resource has drifted. Way back.",
        ),
    ],
)  # fmt: skip
def test_the_summary_is_one_sentence(found: list[LayerDrift], expected: str) -> None:
    assert summary("dev", found, "Way back.") == expected


def drift_json(
    capsys: pytest.CaptureFixture[str], environment: str, found: Sequence[LayerDrift]
) -> str:
    show_found(DriftFound(environment, tuple(found), ""), "json", 0)
    return capsys.readouterr().out.rstrip("\n")


def test_json_holds_everything(capsys: pytest.CaptureFixture[str]) -> None:
    record = json.loads(drift_json(capsys, "dev", FOUND))
    assert (record["environment"], record["drifted"]) == ("dev", True)
    table = record["layers"]["data"]["resources"]["Table"]
    assert table["status"] == MODIFIED
    assert table["properties"][0]["declared"] == 5
    assert record["layers"]["api"] == {"status": "ABSENT", "checked": True, "resources": {}}


@pytest.mark.parametrize("form", ["txt", "json"])
def test_golden(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = [*FOUND, BUSY]
    text = {"txt": drift_text(found, 1), "json": drift_json(capsys, "prod", found)}[form]
    end = "" if form == "json" else f"\n{summary('prod', found, 'Set it back.')}"
    golden_files.check(f"drift/{form}.{form}", click.unstyle(f"{text}{end}\n"))


def test_what_is_declared_is_told_where_it_is_not_what_was_deployed() -> None:
    same = PropertyDrift("MemorySize", 512, "512", "1024")
    other = PropertyDrift("Timeout", 30, "10", "20")
    gone = PropertyDrift("Tags/Owner", None, "me", None)
    changed = ResourceDrift("F", "AWS::Lambda::Function", MODIFIED, (same, other, gone))
    text = click.unstyle(drift_text([LayerDrift("a", "CREATE_COMPLETE", (changed,))], -1))
    assert text.splitlines()[1:] == [
        "  MemorySize: 512 -> 1024",
        "  Timeout: 10 -> 20",
        "      declared as 30",
        "  - Tags/Owner: me",
        "      declared as (none)",
    ]


def test_a_rule_that_somebody_added_is_told_whole_on_request() -> None:
    rule = {"CidrIp": "0.0.0.0/0", "Description": "x" * 400, "FromPort": 22}
    added = PropertyDrift("SecurityGroupIngress/0", None, None, rule)
    changed = ResourceDrift("G", "AWS::EC2::SecurityGroup", MODIFIED, (added,))
    found = [LayerDrift("a", "CREATE_COMPLETE", (changed,))]
    assert '"FromPort": 22}' in drift_text(found, 0)
    assert "x" * 400 not in drift_text(found, 0)
    assert f"+ SecurityGroupIngress/0: {json.dumps(rule)}" in click.unstyle(drift_text(found, 1))


# --- for an issue, and for code scanning ----------------------------------------------------------


def test_a_part_of_an_issue_has_a_row_for_each_property() -> None:
    text = markdown(DriftFound("dev", (*FOUND, BUSY), "Way back."), 0)
    marker, _, heading, _, sentence, _, *rows = text.splitlines()
    assert (marker, heading) == (MARKER.format("dev"), "### dev")
    assert sentence == "dev: 2 resources have drifted; not checked: zone (UPDATE_IN_PROGRESS)."
    assert rows[0] == "| resource | property | deployed | actual | declared |"
    assert rows[2].startswith("| `data.Table` | `Sizes` | `(none)` | `{")
    assert rows[2].endswith("| `5` |")
    assert rows[3:] == ["| `data.Key` | **was deleted** |  |  |  |"]


def test_without_drift_there_is_the_sentence_alone() -> None:
    found = DriftFound("dev", (LayerDrift("api", "ABSENT"),), "")
    assert markdown(found, 0).splitlines()[-1] == "dev has not drifted."


def test_code_scanning_gets_each_resource_at_its_place(tmp_path: Path) -> None:
    template = '{\n  "Resources": {\n    "Key": {},\n    "Table": {}\n  }\n}\n'
    (tmp_path / "data.json").write_text(template)
    told = [*findings(DriftFound("dev", (*FOUND, BUSY), ""), tmp_path)]
    assert [(one.rule, one.line, one.column, one.logical_id, one.message) for one in told] == [
        ("D001", 4, 5, "Table", "dev: Table was modified: Sizes"),
        ("D002", 3, 5, "Key", "dev: Key was deleted"),
        ("D003", 1, 1, "", "dev: zone is UPDATE_IN_PROGRESS"),
    ]
    assert told[0].path == str(tmp_path / "data.json")


def test_a_file_for_code_scanning_is_written_without_drift_too(tmp_path: Path) -> None:
    path = tmp_path / "dev.sarif"
    write_sarif(DriftFound("dev", (), ""), tmp_path, path)
    assert json.loads(path.read_text())["runs"][0]["results"] == []
    write_sarif(DriftFound("dev", FOUND, ""), tmp_path, path)
    results = json.loads(path.read_text())["runs"][0]["results"]
    assert [one["ruleId"] for one in results] == ["D001", "D002"]
