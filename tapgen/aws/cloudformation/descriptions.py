"""Reading change sets: every page, with and without property values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tapgen.aws.cloudformation.answers import change
from tapgen.model.changes.change import Change
from tapgen.model.changes.merging import merged

AVAILABLE: Final = "AVAILABLE"


@dataclass(frozen=True)
class Description:
    """A change set in AWS.

    `execution` is its ExecutionStatus; values of NoEcho parameters are "****".
    """

    stack_name: str
    stack_id: str
    execution: str
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    changes: tuple[Change, ...]


def description(client: Any, arn: str) -> Description:
    """Describe a change set; raises ClientError if it does not exist."""
    answer = client.describe_change_set(ChangeSetName=arn)
    return Description(
        stack_name=answer["StackName"],
        stack_id=answer["StackId"],
        execution=answer["ExecutionStatus"],
        parameters={
            p["ParameterKey"]: p.get("ParameterValue", "") for p in answer.get("Parameters", [])
        },
        tags={tag["Key"]: tag["Value"] for tag in answer.get("Tags", [])},
        changes=changes_of(client, arn, answer),
    )


def changes_of(client: Any, arn: str, first: Mapping[str, Any]) -> tuple[Change, ...]:
    """All changes; `first` is the first page of the description without values.

    Only changes to existing resources have values, so a change set that only adds resources is
    described once.
    """
    plain = list(_changes(client, arn, first))
    if all(found.action in {"Add", "Import"} for found in plain):
        return tuple(plain)
    with_values = client.describe_change_set(ChangeSetName=arn, IncludePropertyValues=True)
    return merged(plain, _changes(client, arn, with_values, IncludePropertyValues=True))


def _changes(client: Any, arn: str, answer: Mapping[str, Any], **options: bool) -> Iterator[Change]:
    yield from map(change, answer["Changes"])
    while answer.get("NextToken"):
        answer = client.describe_change_set(
            ChangeSetName=arn, NextToken=answer["NextToken"], **options
        )
        yield from map(change, answer["Changes"])
