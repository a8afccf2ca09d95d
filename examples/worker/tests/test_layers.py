"""The main properties of the layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Resource = Callable[[str, str], dict[str, Any]]


def test_only_the_worker_reaches_the_database(resource: Resource) -> None:
    (rule,) = resource("network", "DatabaseGroup")["Properties"]["SecurityGroupIngress"]
    assert rule["SourceSecurityGroupId"] == {"Ref": "WorkerGroup"}
    assert (rule["FromPort"], rule["ToPort"]) == (5432, 5432)


def test_a_last_snapshot_is_taken_of_the_database(resource: Resource) -> None:
    database = resource("database", "Database")
    assert database["DeletionPolicy"] == database["UpdateReplacePolicy"] == "Snapshot"
    assert "MasterUserPassword" not in database["Properties"]


def test_a_job_is_given_up_after_so_many_attempts(resource: Resource) -> None:
    redrive = resource("jobs", "Jobs")["Properties"]["RedrivePolicy"]
    assert redrive["maxReceiveCount"] == {"Ref": "Attempts"}
    assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": ["DeadLetters", "Arn"]}


def test_a_job_is_given_back_by_itself(resource: Resource) -> None:
    intake = resource("worker", "Intake")["Properties"]
    assert intake["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_every_alarm_tells_the_topic(resource: Resource) -> None:
    for title in ("OldJobs", "DeadLetters", "WorkerErrors", "FullDatabase"):
        assert resource("alarms", title)["Properties"]["AlarmActions"] == [{"Ref": "Topic"}]
