from __future__ import annotations

from collections.abc import Iterator

from tapgen.stacks.resolved import resolved_template
from tapgen.stacks.rules.rule import Placement, Problem, Rule
from tapgen.stacks.schemas import resource_schema

_DELETION = "DeletionProtectionEnabled"
_RECOVERY = "PointInTimeRecoverySpecification"


def _check(placement: Placement) -> Iterator[Problem]:
    """Of the resolved template: protection is a parameter, and a parameter has a value here."""
    if not placement.stack.protected:
        return
    for name, resource in resolved_template(placement.stack)["Resources"].items():
        known = resource_schema(resource["Type"]).get("properties", {})
        properties = resource.get("Properties", {})
        if _DELETION in known and properties.get(_DELETION) is not True:
            yield Problem(("Resources", name), f"is protected data, but {_DELETION} is not true")
        recovery = properties.get(_RECOVERY, {}).get("PointInTimeRecoveryEnabled")
        if _RECOVERY in known and recovery is not True:
            message = "is protected data, but cannot be restored to a point in time"
            yield Problem(("Resources", name), message)


RULE = Rule(
    "T034", "protected-data", "error", "Protected data is not deleted, and can be restored.", _check
)
