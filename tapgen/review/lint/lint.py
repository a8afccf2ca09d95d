"""Lint: cfn-lint on every template with the values of each environment, and tapgen's own rules."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from tapgen.model.layer import TEMPLATES_FOLDER
from tapgen.model.limits import GLOBAL_REGION
from tapgen.model.stack import Stack
from tapgen.model.templates.template import Template
from tapgen.render.examples import example_values
from tapgen.render.memory import evidence
from tapgen.render.memory.memory import FORGETFUL, Memory
from tapgen.render.packages import sources_of
from tapgen.render.rendering import Rendered
from tapgen.review.lint.at_source import at_source
from tapgen.review.lint.cfn_lint.linter import Checker, checker
from tapgen.review.lint.cfn_lint.request import LintRequest, ParameterSet
from tapgen.review.lint.findings import Finding, from_records, merged, records
from tapgen.review.lint.rules.checking import check


def lint(
    rendered: Rendered,
    folder: str = TEMPLATES_FOLDER,
    memory: Memory = FORGETFUL,
    cfn_lint: Checker | None = None,
) -> tuple[Finding, ...]:
    """All findings of cfn-lint (all severities) and of tapgen's own rules, in order of place.

    `folder` is where the templates are written, for the paths of findings. Templates without a
    stack in any environment are checked without values. Templates whose findings are in `memory`
    are not checked again; `cfn_lint` checks the others, by default in this process.
    """
    found = list(check(rendered, folder))
    unknown: dict[tuple[str, ...], LintRequest] = {}
    for template in rendered.templates.values():
        stacks = _stacks(rendered, template)
        request = _request(template, stacks, folder)
        key = (request.path, request.text, json.dumps(request.regions))
        answer = memory.recall(*key)
        if answer is None:
            unknown[key] = request
        else:
            found += from_records(answer)
    if unknown:
        with nullcontext(cfn_lint) if cfn_lint else checker() as answers:
            found += _asked(unknown, memory, answers)
    return merged(at_source(found, rendered, folder), sources_of(rendered.platform))


def _asked(
    unknown: Mapping[tuple[str, ...], LintRequest], memory: Memory, cfn_lint: Checker
) -> list[Finding]:
    """Findings of cfn-lint, which are remembered. Long templates go first, for an even load."""
    keys = sorted(unknown, key=lambda key: len(unknown[key].text), reverse=True)
    found: list[Finding] = []
    for key, (findings, files) in zip(keys, cfn_lint([unknown[k] for k in keys]), strict=True):
        found += findings
        evidence.rely_on(files)
        memory.note(records(findings), *key)
    memory.keep()
    return found


def _stacks(rendered: Rendered, template: Template) -> list[Stack]:
    stacks = (stack for placed in rendered.stacks.values() for stack in placed)
    return [stack for stack in stacks if stack.layer == template.layer]


def _request(template: Template, stacks: Sequence[Stack], folder: str) -> LintRequest:
    regions: dict[str, list[ParameterSet]] = {} if stacks else {GLOBAL_REGION: []}
    for stack in stacks:
        regions.setdefault(stack.region, []).append(ParameterSet(stack.environment, _values(stack)))
    return LintRequest(template.layer, f"{folder}/{template.layer}.json", template.text, regions)


def _values(stack: Stack) -> dict[str, Any]:
    """The parameters of a stack in the form that cfn-lint accepts: lists as lists."""
    declared = stack.template.parameters
    return {
        name: value.split(",") if "List" in declared[name]["Type"] else value
        for name, value in example_values(stack).items()
    }
