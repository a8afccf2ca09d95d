"""Requests that bring a template, seen before MiniStack accepts them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_account_id, get_region
from ministack.services.cloudformation import changesets, engine, handlers, stacks

if TYPE_CHECKING:
    from collections.abc import Callable


def check_requests(
    parameters: Callable[[dict[str, Any], list[str]], None],
    template: Callable[[dict[str, Any]], None],
) -> None:
    """Call both for every such request; either raises ValueError to refuse it.

    `parameters` gets the template and the names of the parameters given. Capabilities are asked
    for as well: MiniStack asks only where it checks IAM.
    """
    resolve, validate = engine._resolve_parameters, engine.validate_template_support

    def resolving(
        body: dict[str, Any], given: list[dict[str, Any]], previous: dict[str, Any] | None = None
    ) -> Any:
        parameters(body, [item["Key"] for item in given])
        return resolve(body, given, previous)

    def validating(body: dict[str, Any], conditions: Any, params: Any = None) -> None:
        validate(body, conditions, params)
        template(body)

    for module in (changesets, handlers):
        module._resolve_parameters = resolving
        module.validate_template_support = validating
    handlers._capabilities_enforced = lambda: True


def know_pseudo_parameters_in_conditions() -> None:
    """Let a condition compare AWS::Region, AWS::AccountId and the like with a value.

    MiniStack evaluates `Ref` of a pseudo parameter in a condition to the parameter's own name.
    """
    evaluate = engine._evaluate_conditions

    def evaluating(template: Any, params: dict[str, Any]) -> Any:
        pseudo = {
            "AWS::Region": get_region(),
            "AWS::AccountId": get_account_id(),
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
        }
        known = {name: {"Value": value} for name, value in pseudo.items()}
        return evaluate(template, {**known, **params})

    # Each of them imported the function by name.
    for module in (engine, changesets, handlers, stacks):
        module._evaluate_conditions = evaluating


def references(value: Any) -> set[str]:
    """Return every name that a Ref, Fn::GetAtt or Fn::Sub in a template part refers to."""
    return {name for name, _attribute in engine._intrinsic_references(value)}
