"""CloudFormation's descriptions of stacks, change sets and events."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from benchmarks.endpoint.stacks import ChangeSet, Content, Operation, Stack

Answer = dict[str, Any]

_NO_CHANGES: Final = (
    "The submitted information didn't contain changes. "
    "Submit different information to create a change set."
)


def stack(found: Stack) -> Answer:
    """A stack, as in DescribeStacks."""
    answer: Answer = {
        "StackName": found.name,
        "StackId": found.stack_id,
        "StackStatus": found.status,
        "CreationTime": _timestamp(found.created),
        "EnableTerminationProtection": found.protected,
    }
    if found.operation:
        answer["LastUpdatedTime"] = _timestamp(found.operation.begun)
    if found.content is None:
        return answer
    content = found.content
    answer |= {
        "Description": content.document.get("Description", ""),
        "Parameters": [
            {"ParameterKey": name, "ParameterValue": value}
            for name, value in content.values().items()
        ],
        "Tags": [{"Key": key, "Value": value} for key, value in content.tags.items()],
    }
    if found.at_rest:
        answer["Outputs"] = [
            {"OutputKey": name, "OutputValue": _output(found, name, output["Value"])}
            for name, output in content.document.get("Outputs", {}).items()
        ]
    return answer


def summary(content: Content) -> Answer:
    """A template, as in GetTemplateSummary."""
    resources = content.document["Resources"].values()
    return {
        "Description": content.document.get("Description", ""),
        "Parameters": [
            {"ParameterKey": name, "ParameterType": one["Type"], "NoEcho": False}
            for name, one in content.document.get("Parameters", {}).items()
        ],
        "ResourceTypes": sorted({resource["Type"] for resource in resources}),
    }


def change_set(found: ChangeSet) -> Answer:
    """A change set, as in DescribeChangeSet."""
    answer = {
        "ChangeSetId": found.arn,
        "ChangeSetName": found.name,
        "StackId": found.stack.stack_id,
        "StackName": found.stack.name,
        "Changes": [],
        "ExecutionStatus": "UNAVAILABLE",
    }
    if time.time() < found.ready:
        return {**answer, "Status": "CREATE_IN_PROGRESS"}
    before = None if found.executed else found.stack.content
    if before is not None and before.same_as(found.content):
        return {**answer, "Status": "FAILED", "StatusReason": _NO_CHANGES}
    return {
        **answer,
        "Status": "CREATE_COMPLETE",
        "ExecutionStatus": "EXECUTE_COMPLETE" if found.executed else "AVAILABLE",
        "Changes": [{"Type": "Resource", "ResourceChange": one} for one in _changes(found)],
    }


def _changes(found: ChangeSet) -> Iterator[Answer]:
    """Every resource: added, or modified without replacement because of a tag or a parameter."""
    for logical_id, resource in found.content.document["Resources"].items():
        change = {"LogicalResourceId": logical_id, "ResourceType": resource["Type"]}
        if found.stack.content is None:
            yield {**change, "Action": "Add"}
            continue
        target = {"Attribute": "Tags", "RequiresRecreation": "Never"}
        yield {
            **change,
            "Action": "Modify",
            "Replacement": "False",
            "PhysicalResourceId": f"{found.stack.name}-{logical_id}",
            "Scope": ["Tags"],
            "Details": [
                {"Target": target, "Evaluation": "Static", "ChangeSource": "DirectModification"}
            ],
        }


def events(found: Stack, operation: Operation) -> Iterator[Answer]:
    """The operation's events so far, oldest first; resources end one after the other."""
    own = (found.name, found.stack_id, "AWS::CloudFormation::Stack")
    resources = found.filled().document["Resources"]
    each = operation.seconds / (len(resources) + 1)
    yield _event(found, operation, own, 0.0, "IN_PROGRESS")
    for number, (name, resource) in enumerate(resources.items(), 1):
        if operation.begun + number * each > time.time():
            return
        subject = (name, f"{found.name}-{name}", resource["Type"])
        yield _event(found, operation, subject, number * each, "COMPLETE")
    if operation.done:
        yield _event(found, operation, own, operation.seconds, "COMPLETE")


def resources(found: Stack) -> Iterator[Answer]:
    """Every resource that the stack has."""
    for name, resource in found.filled().document["Resources"].items():
        yield {
            "LogicalResourceId": name,
            "PhysicalResourceId": f"{found.name}-{name}",
            "ResourceType": resource["Type"],
            "ResourceStatus": "UPDATE_COMPLETE",
            "LastUpdatedTimestamp": _timestamp(found.created),
        }


def _event(
    found: Stack, operation: Operation, subject: tuple[str, str, str], after: float, status: str
) -> Answer:
    logical_id, physical_id, kind = subject
    return {
        "StackId": found.stack_id,
        "StackName": found.name,
        "EventId": f"{operation.begun}-{logical_id}-{status}",
        "LogicalResourceId": logical_id,
        "PhysicalResourceId": physical_id,
        "ResourceType": kind,
        "ResourceStatus": f"{operation.verb}_{status}",
        "Timestamp": _timestamp(operation.begun + after),
        "ClientRequestToken": operation.token,
    }


def _output(found: Stack, name: str, value: Any) -> str:
    """The value, if it is a text or a parameter's.

    Otherwise a constant value. An ARN has a resource after a slash, like a key's.
    """
    if isinstance(value, str):
        return value
    parameters = found.filled().values()
    if (reference := value.get("Ref")) in parameters:
        return parameters[reference]
    if name.endswith("Arn"):
        _, _, _, region, account, _ = found.stack_id.split(":", 5)
        return f"arn:aws:service:{region}:{account}:kind/{found.name}-{name}"
    return f"{found.name}-{name}"


def _timestamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
