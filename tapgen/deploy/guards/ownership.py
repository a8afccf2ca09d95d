"""The guard of ownership: a stack is changed only if its tags show that the environment owns it.

Every change set that creates or updates a stack sets its tags. A stack of the same name that was
made outside tapgen is left alone until `tapgen adopt` takes it over.
"""

from __future__ import annotations

from typing import Final

from tapgen.aws.cloudformation.stack_state import UNDER_REVIEW, StackState
from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError
from tapgen.model.deployed.stack_status import ABSENT, HEALTHY
from tapgen.model.stack import MANAGED_BY, Stack

_NOTHING_THERE: Final = frozenset({ABSENT, "DELETE_COMPLETE", "ROLLBACK_COMPLETE", UNDER_REVIEW})
_MANAGED_BY: Final = "ManagedBy"
_ENVIRONMENT: Final = "Environment"
_APART: Final = "ive one of them another stack_prefix, or use the intended account."


def is_foreign(stack: Stack, state: StackState) -> bool:
    """Whether the deployed stack of that name is not known to be this one.

    A stack without tags is foreign, unless it is empty, or holds only imported resources, which
    were found by their own tags: an import cannot set the stack's tags, the update after it does.
    """
    tags = state.tags or {}
    if not tags and (state.status in _NOTHING_THERE or state.status.startswith("IMPORT_")):
        return False
    return bool(_lacking(stack, state))


def refuse_other_owner(target: Target, stack: Stack, state: StackState) -> None:
    """Raise `RefusedError` if the deployed stack of that name is not known to be this one."""
    if not is_foreign(stack, state):
        return
    adopt = target.command("adopt", f"--layer {stack.layer}")
    raise RefusedError(
        f"stack {stack.name} in {stack.region} {_why(stack, state)}",
        f"G{_APART}"
        if _is_anothers(stack, state)
        else f"If this stack is the environment's own, made by hand or by another tool, `{adopt}` "
        f"shows what differs and takes it over. Otherwise g{_APART}",
    )


def refuse_to_adopt(target: Target, stack: Stack, state: StackState) -> None:
    """Raise `RefusedError` if the deployed stack of that name must not be taken over.

    That is a stack of another environment or layer of tapgen, and one that is not in a complete
    state: the remains of a failed creation would be deleted first.
    """
    if not is_foreign(stack, state):
        return
    where = f"stack {stack.name} in {stack.region}"
    if _is_anothers(stack, state):
        raise RefusedError(
            f"{where} {_why(stack, state)}, and tapgen manages it there", f"G{_APART}"
        )
    if state.status not in HEALTHY:
        raise RefusedError(
            f"{where} is in {state.status}, and only a stack that is complete and not in "
            "progress is taken over",
            f"Repair it with the tool that created it, then run "
            f"`{target.command('adopt', f'--layer {stack.layer}')}` again.",
        )


def _lacking(stack: Stack, state: StackState) -> dict[str, str]:
    tags = state.tags or {}
    return {name: value for name, value in stack.identity.items() if tags.get(name) != value}


def _is_anothers(stack: Stack, state: StackState) -> bool:
    """Whether tapgen made it for another environment or layer."""
    tags = state.tags or {}
    named = any(name in tags for name in _lacking(stack, state) if name != _MANAGED_BY)
    return tags.get(_MANAGED_BY) == MANAGED_BY and named


def _why(stack: Stack, state: StackState) -> str:
    tags, lacking = state.tags or {}, _lacking(stack, state)
    if _ENVIRONMENT in lacking and _ENVIRONMENT in tags:
        return f"belongs to the environment {tags[_ENVIRONMENT]}, not to {stack.environment}"
    words = ", ".join(f"{name}={value}" for name, value in lacking.items())
    return f"is not known to belong to {stack.environment}: it does not have the tags {words}"
