"""Protection against deletion, which a stack gets once it is past its creation.

A creation that fails has to take back what it has made. What is protected against deletion cannot
be taken back: the stack would end in ROLLBACK_FAILED, and stay in the way of the next one. So a
stack is created without such protection, and an update that follows at once switches it on. Only
then the stack is settled, and counts as created.

A parameter of tapgen's own tells the two apart, so that the template stays the same. Where a run
dies in between, the parameter says so, and the next deployment settles the stack.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tapgen.model.stack import SETTLED, Stack
from tapgen.model.templates.intrinsics import Resolver

_UNSETTLED: Final = "false"


def unsettled(stack: Stack, parameters: Mapping[str, str]) -> dict[str, str]:
    """These parameters of a stack that is to be created first, and protected afterwards.

    They are the same where nothing of it is protected against deletion.
    """
    before = without_protection(stack, parameters)
    return before if protected_later(stack, before) else dict(parameters)


def without_protection(stack: Stack, parameters: Mapping[str, str]) -> dict[str, str]:
    """These parameters of a stack in which nothing is protected against deletion."""
    return _filled(stack, parameters, _UNSETTLED)


def settled(stack: Stack, parameters: Mapping[str, str]) -> dict[str, str]:
    """These parameters of a stack that is past its creation."""
    return _filled(stack, parameters, SETTLED)


def _filled(stack: Stack, parameters: Mapping[str, str], value: str) -> dict[str, str]:
    name = stack.settled_parameter
    return {**parameters, name: value} if name else dict(parameters)


def is_unsettled(stack: Stack, parameters: Mapping[str, str]) -> bool:
    """Whether a stack that has these parameters waits for its protection."""
    return bool(stack.protected and parameters.get(stack.settled_parameter or "") == _UNSETTLED)


def protected_later(stack: Stack, parameters: Mapping[str, str]) -> tuple[str, ...]:
    """Logical ids of what is protected only once a stack with these parameters is settled."""
    if not is_unsettled(stack, parameters):
        return ()
    before, after = (
        Resolver(stack.template.document, values, stack.account_id, stack.region)
        .resolve()
        .resources
        for values in (parameters, settled(stack, parameters))
    )
    return tuple(sorted(name for name in after if before.get(name) != after[name]))
