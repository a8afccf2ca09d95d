"""The guard of protection itself: it is switched off only when somebody says so.

Switching it off loses nothing yet, but everything that would refuse a loss is gone afterwards:
deletion protection of tables and pools, termination protection and policy of stacks, and tapgen's
own guard of data.
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
    """Whether the stack is protected as it is deployed, and would not be any longer."""
    if stack.protected:
        return False
    parameter = stack.template.parameter_of(PROTECTION_SETTING)
    return state.termination_protection or (state.parameters or {}).get(parameter or "") == _ON


def unprotection(plan: Plan, lifted: Collection[str]) -> tuple[Refusal, ...]:
    """The refusal of a plan that switches protection off, unless that is allowed."""
    if not plan.unprotects or ALLOW_UNPROTECT in lifted:
        return ()
    layers = ", ".join(plan.unprotects)
    reason = (
        f"protection of {layers} would be switched off: nothing would stop a loss of data any more"
    )
    hint = f"If {plan.environment} is to stay protected, write `{PROTECTION_SETTING}: true`."
    return (Refusal(reason, hint, option=ALLOW_UNPROTECT),)
