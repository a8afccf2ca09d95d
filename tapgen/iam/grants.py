"""Grants, each one action on resources under a condition, and statements made from them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

Condition = Mapping[str, Mapping[str, Any]]
Statement = dict[str, Any]

ANY_RESOURCE: Final = "AnyResource"
"""Sid of the statements on "*": actions whose service has no resource-level permission for them."""


@dataclass(frozen=True)
class Grant:
    """An allowed action; `condition` is None or IAM's notation."""

    action: str
    resources: tuple[str, ...]
    condition: Condition | None = None


def statements(grants: Iterable[Grant]) -> list[Statement]:
    """The fewest statements that allow exactly this, sorted; their Sids name the service."""
    groups: dict[str, set[str]] = defaultdict(set)
    for grant in grants:
        service = ANY_RESOURCE if grant.resources == ("*",) else grant.action.partition(":")[0]
        key = json.dumps([service, grant.resources, grant.condition], sort_keys=True)
        groups[key].add(grant.action)
    counts: dict[str, int] = defaultdict(int)
    made = []
    for key, actions in sorted(groups.items()):
        service, resources, condition = json.loads(key)
        counts[service] += 1
        statement: Statement = {
            "Sid": f"{_camel(service)}Part{counts[service]}",
            "Effect": "Allow",
            "Action": sorted(actions),
            "Resource": resources,
        }
        made.append(statement | ({"Condition": condition} if condition else {}))
    return made


def _camel(service: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in service.split("-"))
