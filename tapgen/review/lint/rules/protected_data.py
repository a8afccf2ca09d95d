from __future__ import annotations

from collections.abc import Iterator

from tapgen.render.resolved import resolved_template
from tapgen.review.lint.rules.rule import Placement, Problem, Rule
from tapgen.review.schemas import resource_schema

# Which of them a type has, its schema says.
_DELETION = ("DeletionProtection", "DeletionProtectionEnabled")
_ON = (True, "ACTIVE")
_RECOVERY = "PointInTimeRecoverySpecification"


def _check(placement: Placement) -> Iterator[Problem]:
    """Of the resolved template: protection is a parameter, and a parameter has a value here."""
    if not placement.stack.protected:
        return
    for name, resource in resolved_template(placement.stack)["Resources"].items():
        known = resource_schema(resource["Type"]).get("properties", {})
        properties = resource.get("Properties", {})
        for property_ in _DELETION:
            if property_ in known and properties.get(property_) not in _ON:
                yield Problem(("Resources", name), f"is protected data, but {property_} is off")
        recovery = properties.get(_RECOVERY, {}).get("PointInTimeRecoveryEnabled")
        if _RECOVERY in known and recovery is not True:
            message = "is protected data, but cannot be restored to a point in time"
            yield Problem(("Resources", name), message)


RULE = Rule(
    "T034", "protected-data", "error", "Protected data is not deleted, and can be restored.", _check
)
