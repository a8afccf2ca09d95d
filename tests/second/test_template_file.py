"""A layer that is a template file goes the whole way on the command line, and so does its edit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.paths import ROOT
from tests.second.project import write_project

FILE = "src/jobs_platform/layers/templates/topic.yaml"
TEST = ("--env", "test", "--local")
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_project(tmp_path)
    return tmp_path


@pytest.fixture
def run(project: Path) -> Iterator[Run]:
    def command(*words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        ran = subprocess.run(
            [sys.executable, "-m", "tapgen", *words],
            cwd=project,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert ran.returncode == code, ran.stderr
        return ran

    yield command
    command("local", "stop")


def edit(project: Path, old: str, new: str) -> None:
    text = (project / FILE).read_text()
    assert old in text
    (project / FILE).write_text(text.replace(old, new))


def found(ran: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(ran.stdout)


def topics(run: Run) -> Any:
    """A client of SNS in the environment's account."""
    told = found(run("local", "status", "--format", "json"))
    return boto3.client(
        "sns",
        endpoint_url=told["endpoint_url"],
        region_name="eu-west-1",
        aws_access_key_id="900000000001",
        aws_secret_access_key="test",
    )


@pytest.mark.slow
def test_a_template_file_is_deployed_changed_compared_and_destroyed(
    project: Path, run: Run
) -> None:
    run("deploy", *TEST, "--yes")
    outputs = found(run("outputs", *TEST, "--format", "json"))
    arn = outputs["layers"]["topic"]["TopicArn"]
    assert arn == "arn:aws:sns:eu-west-1:900000000001:second-test-waiting"
    alarm = project / "templates_out" / "alarm.json"
    assert not alarm.exists()  # a deployment writes no files

    edit(project, "jobs wait in", "jobs are waiting in")
    compared = found(run("diff", *TEST, "--against", "deployed", "--format", "json"))
    places = {
        cause["place"]
        for stack in compared["environments"]["test"]["stacks"]
        for one in stack["resources"]
        for cause in one["causes"]
    }
    assert places == {f"{FILE}:28:7"}
    changed = {
        stack["layer"]: [one["logical_id"] for one in stack["resources"]]
        for stack in compared["environments"]["test"]["stacks"]
        if stack["kind"] != "same"
    }
    assert changed == {"topic": ["Topic"]}
    told = run("deploy", *TEST, "--yes").stderr
    assert "topic" in told
    sns = topics(run)
    attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    assert attributes["DisplayName"] == "100 jobs are waiting in second-test-jobs"
    assert "nothing" in run("deploy", *TEST, "--yes").stderr.lower()

    tags = {one["Key"]: one["Value"] for one in sns.list_tags_for_resource(ResourceArn=arn)["Tags"]}
    assert tags["Layer"] == "topic"
    assert tags["ManagedBy"] == "tapgen"

    run("verify", *TEST)
    sns.set_topic_attributes(TopicArn=arn, AttributeName="DisplayName", AttributeValue="By hand")
    drifted = run("drift", *TEST, code=3)
    assert "DisplayName" in drifted.stdout + drifted.stderr
    run("deploy", *TEST, "--yes", "--full")
    run("destroy", *TEST, "--yes")
    assert sns.list_topics()["Topics"] == []
