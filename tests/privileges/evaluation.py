"""What IAM decides about a request, by the evaluation that the local AWS enforces with."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from ministack.core.iam_evaluator import (
    EvalContext,
    evaluate,
    evaluate_resource_policy,
    parse_policy_document,
)

Document = dict[str, Any]


def request(action: str, resource: str, principal: str = "", **keys: Any) -> EvalContext:
    """A request; `keys` are condition keys, with "__" for the colon in them."""
    account = principal.split(":")[4] if principal else ""
    return EvalContext(
        principal_arn=principal,
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region="us-east-1",
        service_context={name.lower().replace("__", ":"): value for name, value in keys.items()},
    )


def decision(document: Document, asked: EvalContext) -> str:
    """Allow, Deny or ImplicitDeny, by an identity policy."""
    return str(evaluate(asked, [parse_policy_document(document)]).decision)


def endpoint_decision(document: Document, asked: EvalContext) -> str:
    """Allow, Deny or ImplicitDeny, by the policy of a VPC endpoint."""
    return str(evaluate_resource_policy(document, asked).decision)


def without_action(document: Document, sid: str, action: str) -> Document:
    """The policy without one action, and without the statement where that was all of it."""
    changed = copy.deepcopy(document)
    for one in changed["Statement"]:
        if one["Sid"] == sid:
            one["Action"].remove(action)
    changed["Statement"] = [one for one in changed["Statement"] if one["Action"]]
    return changed


def without_statement(document: Document, sid: str) -> Document:
    return {
        **document,
        "Statement": [one for one in document["Statement"] if one["Sid"] != sid],
    }


def statements(document: Mapping[str, Any]) -> dict[str, Any]:
    return {one["Sid"]: one for one in document["Statement"]}
