"""CloudFormation's own drift detection."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tapgen.aws.cloudformation.answers import one_line
from tapgen.aws.errors import explained
from tapgen.aws.polling import until
from tapgen.aws.resources.retained import Region
from tapgen.model.deployed.drift import Detected, DriftedProperty

# "Several minutes, depending on the number of resources", says the API reference.
_SECONDS: Final = 900.0


def detect(region: Region, stack: str) -> dict[str, Detected]:
    """Logical id -> detected drift, for the resources that CloudFormation can check.

    The stack must be in one of `DRIFT_DETECTABLE`. A detection that fails returns all resources
    except those that it failed for. Raises `TapgenError` if AWS does not answer.
    """
    client = region.client("cloudformation")
    with explained(f"detecting the drift of {stack}"):
        identifier = client.detect_stack_drift(StackName=stack)["StackDriftDetectionId"]

        def ended() -> bool | None:
            answer = client.describe_stack_drift_detection_status(StackDriftDetectionId=identifier)
            return None if answer["DetectionStatus"] == "DETECTION_IN_PROGRESS" else True

        until(ended, what=f"the drift detection of {stack}", seconds=_SECONDS)
        return {found["LogicalResourceId"]: _detected(found) for found in _found(client, stack)}


def _found(client: Any, stack: str) -> Iterator[Mapping[str, Any]]:
    answer = client.describe_stack_resource_drifts(StackName=stack)
    yield from answer["StackResourceDrifts"]
    while answer.get("NextToken"):
        answer = client.describe_stack_resource_drifts(
            StackName=stack, NextToken=answer["NextToken"]
        )
        yield from answer["StackResourceDrifts"]


def _detected(found: Mapping[str, Any]) -> Detected:
    differences = tuple(
        DriftedProperty(
            one["PropertyPath"],
            one["ExpectedValue"],
            one["ActualValue"],
            one.get("DifferenceType") == "ADD",
        )
        for one in found.get("PropertyDifferences", [])
    )
    actual = json.loads(found.get("ActualProperties") or "{}")
    return Detected(
        status=found["StackResourceDriftStatus"],
        checked=frozenset(actual) | {one.name for one in differences},
        differences=differences,
        reason=one_line(found.get("DriftStatusReason", "")),
    )
