"""The guard of autoscaled capacity: a deployment does not reduce capacity that is in use.

CloudFormation does not change a table's throughput until the template's value changes. Then it
calls UpdateTable with the new value of both directions, whatever autoscaling has set. A table at
400 units whose minimum changes from 100 to 120 would drop to 120 and throttle until autoscaling has
caught up. Restoring it afterwards would throttle too, and DynamoDB allows few decreases per day.
Such an update is therefore refused until the load is lower, the setting is at least the current
capacity, or an option allows it. The guard calls DynamoDB only if a change set changes throughput.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tapgen.aws.resources.capacity import READ, WRITE, live_capacity
from tapgen.deploy.guards.guard import Subject
from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError
from tapgen.model.plan import Planned
from tapgen.model.templates.intrinsics import Resolver

ALLOW: Final = "--allow-capacity-reset"
_TABLE: Final = "AWS::DynamoDB::Table"
_THROUGHPUT: Final = frozenset({"ProvisionedThroughput", "GlobalSecondaryIndexes"})
_WORDS: Final = {READ: "read", WRITE: "write"}


def capacity_resets(target: Target, entry: Planned) -> tuple[str, ...]:
    """Descriptions of the capacity that the change set would reduce, by direction and index."""
    stack = entry.stack
    concerned = [
        change
        for change in entry.change_set.changes
        if change.resource_type == _TABLE
        and change.action == "Modify"
        and not change.replaces
        and _THROUGHPUT & set(change.properties)
    ]
    if not concerned:
        return ()
    resolver = Resolver(
        stack.template.document, entry.parameters, stack.account_id, stack.region
    ).resolve()
    found: list[str] = []
    for change in concerned:
        properties = resolver.resources[change.logical_id]["Properties"]
        table = change.physical_id or str(properties.get("TableName", ""))
        live = live_capacity(target.region_of(stack), table)
        name = f"{stack.layer}.{change.logical_id}"
        found += _below(name, _declared(properties), live)
    return tuple(found)


def check_capacity(subject: Subject) -> tuple[str, ...]:
    """Raise `RefusedError` if a protected environment would lose capacity that is in use.

    Returns descriptions of reductions that are allowed, or that affect an unprotected environment.
    """
    entry = subject.entry
    resets = capacity_resets(subject.target, entry) if entry else ()
    if entry and resets and entry.stack.protected and ALLOW not in subject.lifted:
        raise RefusedError(
            f"{'; '.join(resets)}: autoscaling has raised it, and "
            f"{entry.stack.environment} is protected",
            "Deploy this when the load is lower, or set data.read_capacity and "
            f"data.write_capacity to at least the current capacity. {ALLOW} allows it; "
            "requests are then throttled for some minutes, until autoscaling has caught up.",
        )
    return resets


def _declared(properties: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    parts = {"": properties} | {
        index["IndexName"]: index for index in properties.get("GlobalSecondaryIndexes", [])
    }
    return {
        name: {unit: int(units) for unit, units in part["ProvisionedThroughput"].items()}
        for name, part in parts.items()
        if "ProvisionedThroughput" in part
    }


def _below(
    name: str, declared: Mapping[str, Mapping[str, int]], live: Mapping[str, Mapping[str, int]]
) -> Iterator[str]:
    for part, units in declared.items():
        for unit, wanted in units.items():
            now = live.get(part, {}).get(unit, 0)
            if now > wanted:
                where = f"{name} ({part})" if part else name
                yield f"{where} would go from {now} to {wanted} {_WORDS[unit]} capacity units"
