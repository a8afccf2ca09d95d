from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import aws_client

if TYPE_CHECKING:
    from tapgen.local.client import LocalAws

pytestmark = pytest.mark.slow


def test_a_change_by_hand_is_found_and_told(
    local_tapgen: Any, local_aws: LocalAws, project: Path
) -> None:
    data = ("--layer", "data")
    assert local_tapgen("deploy", *data, "--yes", "--quiet").code == 0
    assert local_tapgen("drift", *data).code == 0
    account = (project / "envs" / "dev.yaml").read_text().split('account_id: "')[1][:12]
    dynamodb = aws_client(local_aws, "dynamodb", account, "us-east-1")
    dynamodb.update_table(TableName="payments-dev-sessions", DeletionProtectionEnabled=True)
    ran = local_tapgen("drift", *data)
    assert ran.code == 3
    assert ran.out.startswith("data.SessionsTable (AWS::DynamoDB::Table) was modified")
    assert "dev: 1 resource has drifted." in ran.err
    record = json.loads(local_tapgen("drift", *data, "--format", "json").out)
    (changed,) = record["layers"]["data"]["resources"]["SessionsTable"]["properties"]
    assert changed == {
        "path": "DeletionProtectionEnabled",
        "declared": False,
        "deployed": "false",
        "actual": "true",
    }
    log = project / "drift.sarif"
    issue = local_tapgen("drift", *data, "--format", "markdown", "--sarif", str(log))
    assert issue.code == 3
    assert "| `data.SessionsTable` | `DeletionProtectionEnabled` | `false` | `true` |" in issue.out
    (result,) = json.loads(log.read_text())["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "templates_out/data.json"
    repair = local_tapgen("drift", *data, "--repair", "--yes")
    assert repair.code == 1
    assert "error: the local AWS has no drift-aware change sets" in repair.err


@pytest.mark.parametrize("more", [("--sarif", "a.sarif"), ("--format", "markdown")])
def test_a_repair_tells_what_it_does_in_no_other_form(
    project: Path, tapgen: Any, more: tuple[str, ...]
) -> None:
    ran = tapgen("drift", "dev", "--repair", *more)
    assert (ran.code, ran.out) == (2, "")
    assert "--repair supports neither --sarif nor --format markdown" in ran.err
    assert not (project / "a.sarif").exists()
