"""CloudFormation's records as tapgen's values, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from tapgen.model.changes.change import KNOWN_AFTER_APPLY, Change, PropertyChange
from tapgen.model.changes.values import value_text
from tapgen.model.deployed.events import ResourceEvent
from tapgen.model.templates.paths import at

# CloudFormation's own text for a value that only the deployment makes known.
_KNOWN_AFTER_APPLY: Final = "{{changeSet:KNOWN_AFTER_APPLY}}"


def resource_event(event: Mapping[str, Any]) -> ResourceEvent:
    """One entry of DescribeStackEvents."""
    status, reason = event.get("ResourceStatus", ""), event.get("ResourceStatusReason", "")
    if event.get("HookStatus", "").endswith("FAILED") and event.get("HookFailureMode") != "WARN":
        status = "HOOK_FAILED"
        reason = hook_reason(event)
    return ResourceEvent(
        event_id=event["EventId"],
        logical_id=event.get("LogicalResourceId", ""),
        physical_id=event.get("PhysicalResourceId", ""),
        resource_type=event.get("ResourceType", ""),
        status=status,
        reason=one_line(reason),
        at=event.get("Timestamp"),
        token=event.get("ClientRequestToken", ""),
    )


def one_line(text: str) -> str:
    """A reason as one line: a line break in it must not start a line of tapgen's output."""
    return " ".join(text.split())


def hook_reason(event: Mapping[str, Any]) -> str:
    """The hook that failed, with its reason."""
    return f"hook {event.get('HookType', '')}: {event.get('HookStatusReason', '')}"


def change(answer: Mapping[str, Any]) -> Change:
    """One entry of DescribeChangeSet's Changes."""
    resource = answer["ResourceChange"]
    before, after = (_context(resource.get(f"{side}Context")) for side in ("Before", "After"))
    return Change(
        action=resource["Action"],
        logical_id=resource["LogicalResourceId"],
        resource_type=resource["ResourceType"],
        replacement=resource.get("Replacement", ""),
        policy_action=resource.get("PolicyAction", ""),
        details=tuple(_detail(detail, before, after) for detail in resource.get("Details", [])),
        physical_id=resource.get("PhysicalResourceId", ""),
    )


def _detail(detail: Mapping[str, Any], before: Any, after: Any) -> PropertyChange:
    target = detail.get("Target", {})
    path = target.get("Path", "")
    return PropertyChange(
        path=path,
        attribute=target.get("Attribute", ""),
        name=target.get("Name", ""),
        kind=target.get("AttributeChangeType", "Modify"),
        before=_value(target.get("BeforeValue"), before, path),
        after=_value(target.get("AfterValue"), after, path),
        recreation=target.get("RequiresRecreation", ""),
        source=detail.get("ChangeSource", ""),
        cause=detail.get("CausingEntity", ""),
    )


def _context(text: str | None) -> Any:
    """The whole resource on one side; empty if AWS cut it off."""
    try:
        return json.loads(text or "{}")
    except ValueError:
        return {}


def _value(value: str | None, context: Any, path: str) -> str | None:
    """The full value: AWS cuts off large ones, but the context may contain all of it."""
    if not value:
        return value
    part = at(context, path)
    whole = None if part is None else value_text(part)
    if whole is not None and whole.startswith(value.removesuffix("...")):
        value = whole
    return value.replace(_KNOWN_AFTER_APPLY, KNOWN_AFTER_APPLY)


def pairs(key: str, value: str, values: Mapping[str, str]) -> list[dict[str, str]]:
    """A mapping in CloudFormation's form: a list of `key` and `value`, sorted."""
    return [{key: name, value: text} for name, text in sorted(values.items())]
