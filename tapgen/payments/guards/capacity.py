"""The guard of autoscaled capacity: a deployment does not take away what the load has asked for.

CloudFormation leaves a table's throughput alone until the template's value changes; then it calls
UpdateTable with the new value of both directions, whatever autoscaling has made of the table. A
table at 400 units whose floor goes from 100 to 120 would drop to 120 and throttle until autoscaling
has caught up. Setting it back afterwards would throttle too, and DynamoDB allows few decreases a
day. So where that would happen the update is refused until the load is lower, the setting is at
least what the table has, or somebody says that it may happen. The guard asks DynamoDB only when a
change set touches throughput.
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
    """What the change set would take away, in words: one for each direction of table or index."""
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
    """Raise `RefusedError` where a protected environment would lose capacity that is in use.

    Gives what will be taken away all the same, because it is allowed or nothing is protected.
    """
    entry = subject.entry
    resets = capacity_resets(subject.target, entry) if entry else ()
    if entry and resets and entry.stack.protected and ALLOW not in subject.lifted:
        raise RefusedError(
            f"{'; '.join(resets)}: autoscaling has raised that, and "
            f"{entry.stack.environment} is protected",
            "Deploy this when the load is lower, or set data.read_capacity and "
            f"data.write_capacity to at least what is in use. {ALLOW} lets it "
            "happen: requests are throttled until autoscaling has caught up, some minutes.",
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
