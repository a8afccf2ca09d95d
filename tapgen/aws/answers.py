"""CloudFormation's records as tapgen's values, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tapgen.stacks.changes import Change
from tapgen.stacks.events import ResourceEvent


def resource_event(event: Mapping[str, Any]) -> ResourceEvent:
    """One entry of DescribeStackEvents."""
    return ResourceEvent(
        event_id=event["EventId"],
        logical_id=event.get("LogicalResourceId", ""),
        physical_id=event.get("PhysicalResourceId", ""),
        resource_type=event.get("ResourceType", ""),
        status=event.get("ResourceStatus", ""),
        reason=event.get("ResourceStatusReason", ""),
    )


def change(answer: Mapping[str, Any]) -> Change:
    """One entry of DescribeChangeSet's Changes."""
    resource = answer["ResourceChange"]
    details = resource.get("Details", [])
    targets = [detail.get("Target", {}) for detail in details]
    return Change(
        action=resource["Action"],
        logical_id=resource["LogicalResourceId"],
        resource_type=resource["ResourceType"],
        replacement=resource.get("Replacement", ""),
        policy_action=resource.get("PolicyAction", ""),
        properties=tuple(
            dict.fromkeys(target.get("Name") or target.get("Attribute", "") for target in targets)
        ),
        causes=tuple(dict.fromkeys(d["CausingEntity"] for d in details if d.get("CausingEntity"))),
    )


def pairs(key: str, value: str, values: Mapping[str, str]) -> list[dict[str, str]]:
    """A mapping in CloudFormation's form: a list of `key` and `value`, sorted."""
    return [{key: name, value: text} for name, text in sorted(values.items())]
