"""Deletion protection, which a stack gets only after its creation.

A failed creation must delete the resources that it has created. It cannot delete protected ones:
the stack would end in ROLLBACK_FAILED, and block the next one. So a stack is created without
deletion protection, and an update immediately afterwards switches it on. Only then the stack is
settled, and counts as created.

A parameter of tapgen's own distinguishes the two, so that the template stays the same. If a run
dies in between, the parameter shows it, and the next deployment settles the stack.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tapgen.model.stack import SETTLED, Stack
from tapgen.model.templates.intrinsics import Resolver

_UNSETTLED: Final = "false"


def unsettled(stack: Stack, parameters: Mapping[str, str]) -> dict[str, str]:
    """These parameters for the creation of a stack that is protected afterwards.

    They are unchanged if nothing in the stack is protected against deletion.
    """
    before = without_protection(stack, parameters)
    return before if protected_later(stack, before) else dict(parameters)


def without_protection(stack: Stack, parameters: Mapping[str, str]) -> dict[str, str]:
    """These parameters, with all deletion protection off."""
    return _filled(stack, parameters, _UNSETTLED)


def settled(stack: Stack, parameters: Mapping[str, str]) -> dict[str, str]:
    """These parameters for a stack whose creation has ended."""
    return _filled(stack, parameters, SETTLED)


def _filled(stack: Stack, parameters: Mapping[str, str], value: str) -> dict[str, str]:
    name = stack.settled_parameter
    return {**parameters, name: value} if name else dict(parameters)


def is_unsettled(stack: Stack, parameters: Mapping[str, str]) -> bool:
    """True if a stack with these parameters still lacks its protection."""
    return bool(stack.protected and parameters.get(stack.settled_parameter or "") == _UNSETTLED)


def protected_later(stack: Stack, parameters: Mapping[str, str]) -> tuple[str, ...]:
    """Logical ids of the resources that are protected only after the stack is settled."""
    if not is_unsettled(stack, parameters):
        return ()
    before, after = (
        Resolver(stack.template.document, values, stack.account_id, stack.region)
        .resolve()
        .resources
        for values in (parameters, settled(stack, parameters))
    )
    return tuple(sorted(name for name in after if before.get(name) != after[name]))
