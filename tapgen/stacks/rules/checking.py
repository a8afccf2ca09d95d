"""Asking every rule about everything that was rendered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tapgen.stacks.findings import Finding
from tapgen.stacks.positions import locate
from tapgen.stacks.render import Rendered
from tapgen.stacks.rules.registry import STACK_RULES, TEMPLATE_RULES
from tapgen.stacks.rules.rule import Placement, Problem, Rule
from tapgen.stacks.template import Template


def check(
    rendered: Rendered,
    folder: str,
    template_rules: Sequence[Rule[Template]] = TEMPLATE_RULES,
    stack_rules: Sequence[Rule[Placement]] = STACK_RULES,
) -> Iterator[Finding]:
    """Yield what tapgen's own rules find; `folder` is where the templates are written."""
    for template in rendered.templates.values():
        for rule in template_rules:
            for problem in rule.check(template):
                yield from _finding(template, folder, rule, problem)
    for name, stacks in rendered.stacks.items():
        siblings = {stack.layer: stack for stack in stacks}
        for stack in stacks:
            for stack_rule in stack_rules:
                for problem in stack_rule.check(Placement(stack, siblings)):
                    yield from _finding(stack.template, folder, stack_rule, problem, name)


def _finding(
    template: Template, folder: str, rule: Rule[Any], problem: Problem, *environments: str
) -> Iterator[Finding]:
    logical_id = str(problem.path[1]) if problem.path[:1] == ("Resources",) else ""
    if rule.name in _accepted(template, logical_id):
        return
    line, column = locate(template.text, problem.path)
    yield Finding(
        f"{folder}/{template.layer}.json",
        line,
        column,
        rule.id,
        rule.name,
        rule.severity,
        problem.message,
        layer=template.layer,
        logical_id=logical_id,
        environments=environments,
        source=f"tapgen/layers/{template.layer}.py",
    )


def _accepted(template: Template, logical_id: str) -> dict[str, str]:
    metadata = template.resources.get(logical_id, {}).get("Metadata", {})
    accepted: dict[str, str] = metadata.get("tapgen", {}).get("Accepted", {})
    return accepted
