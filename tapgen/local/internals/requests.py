"""Requests with a template, checked before MiniStack accepts them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_account_id, get_region
from ministack.services.cloudformation import changesets, engine, handlers, stacks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def check_requests(
    parameters: Callable[[dict[str, Any], list[str]], None],
    template: Callable[[dict[str, Any]], None],
) -> None:
    """Call both for every such request. Either raises ValueError to refuse it.

    `parameters` gets the template and the names of the given parameters. Capabilities are required
    as well; MiniStack requires them only if it enforces IAM.
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

    # Each of these modules imported the function by name.
    for module in (engine, changesets, handlers, stacks):
        module._evaluate_conditions = evaluating


def tell_attributes_apart() -> None:
    """Let a change set detect that a property uses a different attribute or resource.

    MiniStack compares the templates with every Fn::GetAtt resolved to the same empty text.
    """
    resolve = changesets._resolve_props_for_diff

    def resolving(template: Any, params: Any, stack_name: str, stack_id: str) -> Any:
        return resolve(_attributes_named(template), params, stack_name, stack_id)

    changesets._resolve_props_for_diff = resolving


def compare_what_is_made() -> None:
    """Let a change set compare what the two templates create, not what they declare.

    A resource whose condition turns false is removed, one whose condition turns true is added
    (recorded from AWS on 2025-08-05, `change_parameter_for_condition_create_resource` in
    https://github.com/localstack/localstack/blob/main/tests/aws/services/cloudformation/test_change_sets.snapshot.json).
    MiniStack compares them as if all conditions were true: if nothing else differs, the change set
    is empty, and the change is never made.
    """
    resolve = changesets._resolve_props_for_diff

    def resolving(template: Any, params: Any, stack_name: str, stack_id: str) -> Any:
        resolved = resolve(template, params, stack_name, stack_id)
        conditions = changesets._evaluate_conditions(template, params)
        made = {
            logical_id: resource
            for logical_id, resource in resolved.get("Resources", {}).items()
            if conditions.get(resource.get("Condition"), True)
        }
        return {**resolved, "Resources": made}

    changesets._resolve_props_for_diff = resolving


def tell_only_what_changes() -> None:
    """Let a reference to a changed parameter count only if the property's value changes.

    "For Static evaluations, CloudFormation can determine that the target value will change, and its
    value" (CloudFormation API reference, ResourceChangeDetail, Evaluation). MiniStack reports such
    a change for every new parameter that is referenced: a literal name that now comes from a
    parameter would replace its resource.
    """
    diff, details = stacks._diff_resources, stacks._reference_details
    staying: dict[int, frozenset[str]] = {}  # properties, by the resource that declares them

    def telling(resource: dict[str, Any], replacements: Any, changed: Any) -> dict[str, Any]:
        properties = resource.get("Properties") or {}
        same = {name: properties[name] for name in staying.get(id(resource), ())}
        others = {name: value for name, value in properties.items() if name not in same}
        found = details({**resource, "Properties": others}, replacements, changed)
        return {**found, **details({**resource, "Properties": same}, replacements, ())}

    def diffing(old: Any, new: Any, resources: Any = None, template: Any = None, *rest: Any) -> Any:
        before = old.get("Resources", {})
        staying.clear()
        for name, declared in (template or new).get("Resources", {}).items():
            after = new["Resources"].get(name, {})
            three = [one.get("Properties") or {} for one in (before.get(name, {}), after, declared)]
            staying[id(declared)] = frozenset(_same(three[0], three[1], three[2]))
        return diff(old, new, resources, template, *rest)

    stacks._reference_details = telling
    changesets._diff_resources = diffing


def _same(before: dict[str, Any], after: dict[str, Any], declared: dict[str, Any]) -> Iterator[str]:
    """The properties that have the same known value on both sides."""
    for name, value in declared.items():
        if name in before and before[name] == after.get(name) != value:
            yield name


def _attributes_named(value: Any) -> Any:
    """Return a template with `Resource.Attribute` instead of every Fn::GetAtt."""
    if isinstance(value, list):
        return [_attributes_named(item) for item in value]
    if not isinstance(value, dict):
        return value
    if attribute := value.get("Fn::GetAtt"):
        return attribute if isinstance(attribute, str) else ".".join(map(str, attribute))
    return {name: _attributes_named(item) for name, item in value.items()}


def references(value: Any) -> set[str]:
    """Return every name that a Ref, Fn::GetAtt or Fn::Sub in a template part refers to."""
    return {name for name, _attribute in engine._intrinsic_references(value)}
