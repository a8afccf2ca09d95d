"""The guard of protection: it is switched off only when an option says so.

Switching it off loses no data, but afterwards nothing prevents a loss: neither the deletion
protection of tables and pools, nor termination protection and policy of stacks, nor tapgen's own
guard of data.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.model.plan import Plan, Refusal
from tapgen.model.platform import ALLOW_UNPROTECT
from tapgen.model.stack import PROTECTION_SETTING, Stack

_ON: Final = "true"


def loses_protection(stack: Stack, state: StackState) -> bool:
    """Whether the deployed stack is protected and the declared one is not."""
    if stack.protected:
        return False
    parameter = stack.template.parameter_of(PROTECTION_SETTING)
    return state.termination_protection or (state.parameters or {}).get(parameter or "") == _ON


def unprotection(plan: Plan, lifted: Collection[str]) -> tuple[Refusal, ...]:
    """The refusal of a plan that switches protection off, unless an option allows it."""
    if not plan.unprotects or ALLOW_UNPROTECT in lifted:
        return ()
    layers = ", ".join(plan.unprotects)
    reason = f"protection of {layers} would be switched off: nothing would prevent a loss of data"
    hint = f"To keep {plan.environment} protected, set `{PROTECTION_SETTING}: true`."
    return (Refusal(reason, hint, option=ALLOW_UNPROTECT),)
