"""Stack policies: what any update may do to the resources of a stack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final


def stack_policy(stateful: Iterable[str], *, protected: bool) -> dict[str, Any]:
    """The policy: everything may be updated, but protected data never replaced or deleted.

    `stateful` are logical ids. Without protected data it has the effect of no policy.
    """
    statements: list[dict[str, Any]] = [
        {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}
    ]
    names = sorted(stateful) if protected else []
    if names:
        statements.append(
            {
                "Effect": "Deny",
                "Action": ["Update:Replace", "Update:Delete"],
                "Principal": "*",
                "Resource": [f"LogicalResourceId/{name}" for name in names],
            }
        )
    return {"Statement": statements}


def is_ours(policy: Mapping[str, Any]) -> bool:
    """True if `stack_policy` returns this policy for some resources."""
    prefix = "LogicalResourceId/"
    names = [
        name.removeprefix(prefix)
        for statement in policy.get("Statement", ())
        if statement.get("Effect") == "Deny"
        for name in statement.get("Resource", ())
    ]
    return policy == stack_policy(names, protected=True)


# The effect of no policy.
NO_POLICY: Final = stack_policy((), protected=False)
