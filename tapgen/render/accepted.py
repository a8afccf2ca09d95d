"""Findings of rules and scanners that were weighed and accepted, on the resource they concern.

`tapgen lint --policy` reports an acceptance that nothing needs, so none outlives its cause.
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


# What every role with one purpose says of its policy.
INLINE_POLICY: Final = because(
    "One role, one policy, one purpose.",
    "IAM_NO_INLINE_POLICY_CHECK",
)
