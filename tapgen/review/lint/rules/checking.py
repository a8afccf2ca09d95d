"""Running every rule on everything that was rendered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tapgen.model.parts.running import aside, blame, misfit
from tapgen.model.templates.positions import locate
from tapgen.model.templates.template import Template
from tapgen.render.rendering import Rendered
from tapgen.review.lint.acceptance import judged
from tapgen.review.lint.findings import Finding
from tapgen.review.lint.rule_ids import OWN
from tapgen.review.lint.rules.registry import rules_for
from tapgen.review.lint.rules.rule import Placement, Problem, Rule, Rules, Subject


def check(rendered: Rendered, folder: str, rules: Rules | None = None) -> Iterator[Finding]:
    """Yield the findings of tapgen's own rules; `folder` is where the templates are written.

    The rules are those of the engine and the platform unless others are given. Accepted findings
    are left out. An acceptance that nothing needs is a finding too, unless its rule is about
    stacks: an environment that was not checked may need it.
    """
    rules = rules or rules_for(rendered.platform)
    about_stacks = {rule.name for rule in rules.stacks}

    def asked(rule: str) -> bool:
        return bool(OWN.fullmatch(rule)) and rule not in about_stacks

    with aside:
        found = [
            *_about_templates(rendered, folder, rules.templates),
            *_about_stacks(rendered, folder, rules.stacks),
        ]
    return judged(found, rendered.templates, folder, asked)


def _about_templates(
    rendered: Rendered, folder: str, rules: Sequence[Rule[Template]]
) -> Iterator[Finding]:
    for template in rendered.templates.values():
        for rule in rules:
            for problem in _asked(rule, template):
                yield _finding(template, folder, rule, problem)


def _about_stacks(
    rendered: Rendered, folder: str, rules: Sequence[Rule[Placement]]
) -> Iterator[Finding]:
    for name, stacks in rendered.stacks.items():
        siblings = {stack.layer: stack for stack in stacks}
        for stack in stacks:
            for rule in rules:
                for problem in _asked(rule, Placement(stack, siblings)):
                    yield _finding(stack.template, folder, rule, problem, name)


def _asked(rule: Rule[Subject], subject: Subject) -> list[Problem]:
    try:
        found = [*rule.check(subject)]
    except (Exception, SystemExit) as error:  # noqa: BLE001 - `running.yielded` takes longer
        blame(error, str(rule))
    for one in found:
        if not (isinstance(one, Problem) and one.is_sound):
            raise misfit(str(rule), one, "a Problem(path, message) each time", rule.check)
    return found


def _finding(
    template: Template, folder: str, rule: Rule[Any], problem: Problem, *environments: str
) -> Finding:
    line, column = locate(template.text, problem.path)
    return Finding(
        f"{folder}/{template.layer}.json",
        line,
        column,
        rule.id,
        rule.name,
        rule.severity,
        problem.message,
        layer=template.layer,
        logical_id=str(problem.path[1]) if problem.path[:1] == ("Resources",) else "",
        environments=environments,
    )
