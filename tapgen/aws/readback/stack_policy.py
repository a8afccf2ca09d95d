"""The policy of a stack, which no template declares."""

from __future__ import annotations

import json
from typing import Any

from tapgen.aws.errors import explained
from tapgen.aws.retained import Region


def stack_policy(region: Region, name: str) -> dict[str, Any]:
    """The stack's policy; empty when it has none. Raises `TapgenError` for an absent stack."""
    with explained(f"reading the stack policy of {name}"):
        answer = region.client("cloudformation").get_stack_policy(StackName=name)
    document: dict[str, Any] = json.loads(answer.get("StackPolicyBody") or "{}")
    return document
