"""Refusals of CloudFormation that MiniStack lacks."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from tapgen.local import faults, internals, names
from tapgen.local.internals import operations, requests
from tapgen.local.internals.services import imports
from tapgen.local.schemas import Replacements, conditional, identifier, required

if TYPE_CHECKING:
    from pathlib import Path

    from tapgen.local.internals.operations import Operation


def install(directory: Path) -> None:
    inject = faults.injector(directory)

    def check(operation: Operation) -> None:
        inject(operation)
        if operation.verb == "create":
            names.refuse_taken(operation.kind, operation.properties)
        else:
            refuse_by_stack_policy(operation)

    internals.replacing_properties(Replacements())
    internals.conditional_properties(conditional)
    operations.provision_on_worker_threads()
    operations.before_operations(check, operations.History())
    imports.refuse_what_aws_refuses(required)
    imports.refuse_wrong_identifiers(identifier)
    imports.import_more_types()
    imports.update_differences_only()
    requests.check_requests(refuse_unknown_parameters, refuse_dangling_references)


def refuse_unknown_parameters(template: dict[str, Any], given: list[str]) -> None:
    unknown = [name for name in given if name not in template.get("Parameters", {})]
    if unknown:
        raise ValueError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")


def refuse_dangling_references(template: dict[str, Any]) -> None:
    known = template.get("Resources", {}).keys() | template.get("Parameters", {}).keys()
    for block in ("Resources", "Outputs"):
        dangling = sorted(
            name
            for name in requests.references(template.get(block, {}))
            if name not in known and not name.startswith("AWS::")
        )
        if dangling:
            raise ValueError(
                f"Template format error: Unresolved resource dependencies [{', '.join(dangling)}] "
                f"in the {block} block of the template"
            )


def refuse_by_stack_policy(operation: Operation) -> None:
    """Fail an update that the stack policy does not allow. Deleting the stack is not an update."""
    policy, status = operations.stack_policy(operation.stack)
    if not policy or status != "UPDATE_IN_PROGRESS":
        return
    action = "Update:Delete" if operation.verb == "delete" else "Update:Modify"
    if operation.replaces:
        action = "Update:Replace"
    effects = {
        statement["Effect"]
        for statement in json.loads(policy)["Statement"]
        if _applies(statement, action, operation)
    }
    if "Deny" in effects or "Allow" not in effects:
        raise PermissionError(
            f"Action denied by stack policy: [{action}] for resource "
            f"[LogicalResourceId/{operation.logical_id}]"
        )


def _applies(statement: dict[str, Any], action: str, operation: Operation) -> bool:
    def named(key: str, value: str) -> bool:
        if f"Not{key}" in statement:
            return not _matches(statement[f"Not{key}"], value)
        return _matches(statement.get(key, "*"), value)

    conditions = statement.get("Condition", {})
    kinds = [condition.get("ResourceType", "*") for condition in conditions.values()]
    return (
        named("Action", action)
        and named("Resource", f"LogicalResourceId/{operation.logical_id}")
        and all(_matches(kind, operation.kind) for kind in kinds)
    )


def _matches(patterns: str | list[str], value: str) -> bool:
    listed = [patterns] if isinstance(patterns, str) else patterns
    return any(fnmatchcase(value, pattern) for pattern in listed)
