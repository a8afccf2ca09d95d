"""`tapgen destroy` where nothing is deployed; tests/deploy shows it at work."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tapgen.local.client import LocalAws
from tests.cli.conftest import ended
from tests.conftest import aws_client

pytestmark = pytest.mark.slow


def test_what_is_not_there_needs_no_deleting(local_tapgen: Any) -> None:
    ran = local_tapgen("destroy", "--layer", "zone", "--yes", "--format", "json")
    assert ran.code == 0
    outcomes = ended(ran)
    assert outcomes["zone"]["kind"] in {"Deleted", "Unchanged"}


def test_the_name_has_to_be_typed(local_tapgen: Any, terminal: Any) -> None:
    terminal.type("production\n")
    with terminal.attached():
        ran = local_tapgen("destroy", "--purge-data")
    assert ran.code == 1
    shown = terminal.shown()
    assert "AND ALL DATA? Type 'dev' to continue:" in shown
    assert "Nothing was changed." in shown


def test_somebody_elses_stack_of_that_name_is_refused_by_both(
    local_tapgen: Any, project: Path, local_aws: LocalAws
) -> None:
    settings = yaml.safe_load((project / "envs" / "dev.yaml").read_text())
    aws = aws_client(local_aws, "cloudformation", settings["account_id"], "us-east-1")
    theirs = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    aws.create_stack(StackName="payments-dev-zone", TemplateBody=json.dumps(theirs))
    for command in ("destroy", "deploy"):
        ran = local_tapgen(command, "--layer", "zone", "--yes")
        assert ran.code == 4
        assert "stack payments-dev-zone in us-east-1 is not known to belong to dev" in ran.err
        assert "ManagedBy=tapgen, Project=payments" in ran.err
    (left,) = aws.describe_stacks()["Stacks"]
    assert left["StackStatus"] == "CREATE_COMPLETE"
