from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tapgen.cli.views import permissions
from tapgen.iam.policies import Policy


@pytest.fixture
def bounded(project: Path) -> None:
    path = project / "envs" / "common.yaml"
    text = path.read_text()
    path.write_text(text.replace("deployment:\n", "deployment:\n  permission_boundary: bound\n"))


def test_the_deployers_policies_as_text(project: Path, tapgen: Any, bounded: None) -> None:
    ran = tapgen("iam-policy", "--env", "prod")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0].startswith("payments-prod-deploy-1 (")
    assert lines[0].endswith(" of 6144 characters)")
    assert "         (these actions cannot be limited to a resource)" in lines
    assert "    may  iam:PassRole" in lines
    assert any(
        line.startswith("    if   iam:PermissionsBoundary StringEquals arn:") for line in lines
    )


def test_without_a_boundary_it_is_said_what_that_means(project: Path, tapgen: Any) -> None:
    ran = tapgen("iam-policy", "--env", "dev", "--for", "service-role", "--format", "json")
    assert ran.code == 0
    assert json.loads(ran.out)["policies"].keys() >= {"payments-dev-cloudformation-1"}
    assert ran.err.startswith("note: roles of dev have no permissions boundary")
    assert "deployment.permission_boundary" in ran.err


def test_a_reviewer_makes_no_roles_so_nothing_is_said(project: Path, tapgen: Any) -> None:
    ran = tapgen("iam-policy", "--env", "dev", "--for", "review", "-f", "json")
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out)["policies"]["payments-dev-review-1"]["Version"] == "2012-10-17"


def test_the_boundary_as_a_template(project: Path, tapgen: Any, bounded: None) -> None:
    ran = tapgen("iam-policy", "--env", "prod", "--boundary", "-f", "cloudformation")
    assert (ran.code, ran.err) == (0, "")
    (resource,) = json.loads(ran.out)["Resources"].values()
    assert resource["Type"] == "AWS::IAM::ManagedPolicy"
    assert resource["Properties"]["ManagedPolicyName"] == "bound"


def test_a_condition_is_shown_in_a_line_each() -> None:
    statement = {
        "Sid": "SqsPart1",
        "Effect": "Allow",
        "Action": ["sqs:SendMessage", "sqs:PurgeQueue"],
        "Resource": ["arn:a"],
        "Condition": {"StringEquals": {"a:b": "c", "d:e": ["f", "g"]}},
    }
    shown = permissions.text([Policy("name", {"Statement": [statement]})])
    assert shown.splitlines()[1:] == [
        "  SqsPart1",
        "    may  sqs:SendMessage",
        "         sqs:PurgeQueue",
        "    on   arn:a",
        "    if   a:b StringEquals c",
        "         d:e StringEquals f or g",
    ]
