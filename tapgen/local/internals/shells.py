"""Stacks in review: the empty stack that a CREATE change set leaves until it is executed."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from ministack.services.cloudformation import changesets, handlers

_kept: ContextVar[str] = ContextVar("kept", default="")


def keep_shells() -> None:
    """Let another change set for a stack in review keep the stack's id.

    MiniStack creates the stack again each time, so the first change set would belong to no stack.
    """
    create, new_uuid = changesets._create_change_set, changesets.new_uuid

    def creating(params: dict[str, Any]) -> Any:
        stack = handlers._resolve_stack(handlers._p(params, "StackName"))
        under_review = stack is not None and stack["StackStatus"] == "REVIEW_IN_PROGRESS"
        _kept.set(stack["StackId"].rpartition("/")[2] if under_review else "")
        return create(params)

    def reusing() -> str:
        # The stack's id is the first id that the request creates.
        kept = _kept.get()
        _kept.set("")
        return kept or str(new_uuid())

    changesets.new_uuid = reusing
    handlers._ACTION_HANDLERS["CreateChangeSet"] = creating
