"""Accepted findings of rules and scanners, on the resource that they concern.

`tapgen lint --policy` reports acceptances that are no longer needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tapgen.model.layer import METADATA_KEY


def accepted(*exceptions: Mapping[str, str]) -> dict[str, dict[str, dict[str, str]]]:
    """Resource `Metadata` that records exceptions, each made with `because`."""
    reasons = {rule: reason for one in exceptions for rule, reason in one.items()}
    return {METADATA_KEY: {"Accepted": dict(sorted(reasons.items()))}}


def because(reason: str, *rules: str) -> dict[str, str]:
    """An exception from `rules`: tapgen's own by name, those of a scanner by id."""
    return dict.fromkeys(rules, reason)


# For the policy of every role with a single purpose.
INLINE_POLICY: Final = because(
    "One role, one policy, one purpose.",
    "IAM_NO_INLINE_POLICY_CHECK",
)
