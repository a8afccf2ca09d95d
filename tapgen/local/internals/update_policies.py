"""The UpdatePolicy of a resource, while a stack updates or rolls back.

"You can use Fn::If in the metadata attribute, update policy attribute, and property values"
(CloudFormation template reference, "Condition functions"), and Ref as anywhere. MiniStack ignores
UpdatePolicy. A rollback is an update to the previous state, so the policy of the previous template
applies then.
"""

from __future__ import annotations

import copy
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from ministack.services import cloudformation
from ministack.services.cloudformation import changesets, engine, handlers, provisioners, stacks

if TYPE_CHECKING:
    from collections.abc import Callable

_DELETING = "DELETE_IN_PROGRESS"
_CANCELLED = "_cancel_requested"
# The template that is being deployed, and the values of its parameters.
_made: ContextVar[tuple[dict[str, Any], dict[str, Any]] | None] = ContextVar("made", default=None)


def follow(
    kind: str,
    attribute: str,
    act: Callable[[dict[str, Any], Any, Any, str, Callable[[], bool]], None],
) -> None:
    """Call `act` before an update of a resource with this policy.

    It gets the policy, old and new properties, the physical id, and a function that tells whether
    the stack has been cancelled or is being deleted. An exception fails the update.
    """
    update = provisioners._RESOURCE_HANDLERS[kind]["update"]

    def updating(identifier: str, old: Any, new: Any, stack: str, logical_id: str) -> Any:
        policy = _policy(stack, logical_id).get(attribute)
        if policy:
            act(policy, old, new, identifier, lambda: _given_up(stack))
        return update(identifier, old, new, stack, logical_id)

    provisioners._RESOURCE_HANDLERS[kind] |= {"update": updating, "update_with_logical_id": True}


def know_templates() -> None:
    """Store a stack's template, and let resources in a policy be created first."""
    deploy, roll_back = handlers._deploy_stack_async, stacks._roll_back_operation
    dependencies = engine._extract_deps

    async def deploying(
        name: str, stack_id: str, template: Any, params: Any, *rest: Any, **options: Any
    ) -> None:
        _made.set((template, params))
        await deploy(name, stack_id, template, params, *rest, **options)

    async def rolling_back(
        name: str, stack_id: str, stack: Any, operation: Any, *rest: Any
    ) -> None:
        before = operation.get("previous_stack") or {}
        _made.set((before.get("_template") or {}, before.get("_resolved_params") or {}))
        # The cancellation stopped an update in the middle of a resource, not the resource.
        cancelled = bool(stack.pop(_CANCELLED, False)) or operation.get("cancelled", False)
        await roll_back(name, stack_id, stack, {**operation, "cancelled": cancelled}, *rest)

    def depending(resource: dict[str, Any], names: Any) -> set[str]:
        policy = {"Properties": resource.get("UpdatePolicy") or {}}
        found: set[str] = dependencies(resource, names) | dependencies(policy, names)
        return found

    for module in (changesets, handlers):
        module._deploy_stack_async = deploying
    stacks._roll_back_operation = rolling_back
    engine._extract_deps = depending


def _policy(name: str, logical_id: str) -> dict[str, Any]:
    stack = cloudformation._stacks[name]
    template, params = _made.get() or (stack["_template"], stack.get("_resolved_params") or {})
    declared = template.get("Resources", {}).get(logical_id, {}).get("UpdatePolicy")
    if not declared:
        return {}
    found = engine._resolve_refs(
        copy.deepcopy(declared),
        stack.get("_resources", {}),
        params,
        engine._evaluate_conditions(template, params),
        template.get("Mappings", {}),
        name,
        stack["StackId"],
    )
    return found if isinstance(found, dict) else {}  # an Fn::If may remove all of it


def _given_up(name: str) -> bool:
    stack = cloudformation._stacks.get(name, {})
    return bool(stack.get(_CANCELLED)) or stack.get("StackStatus") == _DELETING
