"""Operations of stacks on resources: hooks before them, and events as AWS reports them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ministack.services import cloudformation
from ministack.services.cloudformation import provisioners, stacks

if TYPE_CHECKING:
    from collections.abc import Callable

_CLEANED_UP = frozenset({"UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"})
# AWS's message, for instance in aws-cloudformation/cloudformation-coverage-roadmap#2055.
_ORPHANED = "Update successful. One or more resources could not be deleted."


@dataclass(frozen=True, slots=True)
class Operation:
    """The operation that a stack is about to do on a resource: create, update or delete."""

    verb: str
    kind: str
    logical_id: str
    stack: str
    properties: dict[str, Any]
    replaces: bool = False
    """An update that creates a new resource."""


def provision_on_worker_threads() -> None:
    """Run every provisioner off the event loop.

    It may then call the server back, and IN_PROGRESS is visible while it works.
    """
    stacks._runs_on_worker_thread = lambda _type: True


def before_operations(check: Callable[[Operation], None], history: History) -> None:
    """Call `check` before every resource operation. It may raise to fail the operation.

    An update that does not change a resource is not an operation, as on AWS.
    """
    create, update, delete = (
        stacks._provision_resource,
        stacks._update_resource,
        stacks._delete_resource,
    )

    def creating(kind: str, logical_id: str, properties: Any, stack: str) -> Any:
        history.creates(stack, logical_id)
        check(Operation("create", kind, logical_id, stack, properties))
        return create(kind, logical_id, properties, stack)

    def updating(kind: str, identifier: str, old: Any, new: Any, stack: str, *rest: Any) -> Any:
        if old == new:
            history.leaves(stack, rest[0])
        else:
            history.updates(stack, rest[0])
            replaces = provisioners._replacing_change(kind, old, new)
            check(Operation("update", kind, rest[0], stack, new, replaces))
        return update(kind, identifier, old, new, stack, *rest)

    def deleting(kind: str, identifier: str, properties: Any, stack: str, logical_id: str) -> Any:
        event = history.removes(stack, logical_id, kind, identifier)
        check(Operation("delete", kind, logical_id, stack, properties))
        deleted = delete(kind, identifier, properties, stack, logical_id)
        event("DELETE_COMPLETE")
        return deleted

    stacks._provision_resource = creating
    stacks._update_resource = updating
    stacks._delete_resource = deleting


class History:
    """The events of stack updates as AWS writes them.

    MiniStack reports every resource of an updated stack as updated, including unchanged and new
    ones, and reports neither removed resources nor failed removals.
    """

    def __init__(self) -> None:
        self._add = stacks._add_event
        self._announced: dict[tuple[str, str], tuple[Any, ...]] = {}
        self._untouched: set[tuple[str, str]] = set()
        self._created: set[tuple[str, str]] = set()
        self._orphaned: set[str] = set()  # ids of stacks that could not delete a resource
        stacks._add_event = self._adding

    def leaves(self, stack: str, logical_id: str) -> None:
        key = (_identifier(stack), logical_id)
        # MiniStack reports an update before it checks whether there is anything to update.
        del self._announced[key]
        self._untouched.add(key)

    def updates(self, stack: str, logical_id: str) -> None:
        if event := self._announced.pop((_identifier(stack), logical_id), None):
            self._add(*event)

    def creates(self, stack: str, logical_id: str) -> None:
        key = (_identifier(stack), logical_id)
        if event := self._announced.pop(key, None):
            self._created.add(key)
            self._add(*event[:4], "CREATE_IN_PROGRESS")

    def removes(
        self, stack: str, logical_id: str, kind: str, identifier: str
    ) -> Callable[[str], None]:
        """Report the start of a removal by an update. MiniStack reports other deletions."""
        found = cloudformation._stacks.get(stack, {})
        silent = found.get("StackStatus") == "UPDATE_IN_PROGRESS"

        def event(status: str) -> None:
            if silent:
                self._add(found["StackId"], stack, logical_id, kind, status, "", identifier)

        event("DELETE_IN_PROGRESS")
        return event

    def _adding(self, *event: Any, **named: Any) -> None:
        stack_id, stack_name, logical_id, kind, status, *rest = event
        key = (stack_id, logical_id)
        if logical_id == stack_name and status == "ROLLBACK_FAILED":
            _keep_what_resisted(stack_name)
        if status == "DELETE_FAILED" and _cleans_up(stack_name):
            self._orphaned.add(stack_id)
        if logical_id == stack_name and status in _CLEANED_UP:
            reason = _ORPHANED if stack_id in self._orphaned else ""
            self._orphaned.discard(stack_id)
            cloudformation._stacks[stack_name]["StackStatusReason"] = reason
            self._add(stack_id, stack_name, logical_id, kind, status, reason, stack_id)
        elif logical_id == stack_name or not status.startswith("UPDATE_"):
            self._add(*event, **named)
        elif status == "UPDATE_IN_PROGRESS" and not rest and not named:
            self._announced[key] = event
        elif key in self._untouched:
            self._untouched.discard(key)
        elif key in self._created and status != "UPDATE_IN_PROGRESS":
            self._created.discard(key)
            made = status.replace("UPDATE", "CREATE")
            self._add(stack_id, stack_name, logical_id, kind, made, *rest, **named)
        else:
            if announced := self._announced.pop(key, None):
                self._add(*announced)
            self._add(*event, **named)


def _cleans_up(stack: str) -> bool:
    """Whether an update, or its rollback, is only cleaning up."""
    found = cloudformation._stacks.get(stack, {})
    return str(found.get("StackStatus")).endswith("COMPLETE_CLEANUP_IN_PROGRESS")


def _keep_what_resisted(stack: str) -> None:
    """Keep resources in the stack that could not be deleted, so that deleting it tries again.

    MiniStack drops them when the rollback of a creation fails.
    """
    found = cloudformation._stacks[stack]
    for logical_id, resource in found["_rollback_failed"].items():
        failed = {
            "ResourceStatus": "DELETE_FAILED",
            "Timestamp": stacks.now_iso(),
            "Attributes": {},
        }
        found["_resources"][logical_id] = {**resource, **failed}


def stack_policy(stack: str) -> tuple[str, str]:
    """Return the policy document (empty if there is none) and the status of a stack."""
    found = cloudformation._stacks.get(stack, {})
    return found.get("_stack_policy") or "", found.get("StackStatus", "")


def going_back(stack: str) -> bool:
    """Whether the stack is rolling back, or will roll back after the current resource."""
    found = cloudformation._stacks.get(stack, {})
    return "ROLLBACK" in found.get("StackStatus", "") or bool(found.get("_cancel_requested"))


def _identifier(stack: str) -> str:
    return str(cloudformation._stacks.get(stack, {}).get("StackId", ""))
