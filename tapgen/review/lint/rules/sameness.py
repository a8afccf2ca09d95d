"""Rules that keep one template right for every environment: no account, region or name in it."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from tapgen.model.limits import GLOBAL_REGION, REGION
from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Placement, Problem, Problems, effective_nodes, literals

# AWS's own accounts, the same for everybody: the publisher of the Powertools layers.
_OWNED_BY_AWS: Final = frozenset({"017000801446"})
# A number in a JSON text, such as a schema's limit, is not an account: those are strings.
_ACCOUNT: Final = re.compile(r"""(?<!": )(?<![0-9A-Za-z])[0-9]{12}(?![0-9A-Za-z])""")
# The region of AWS's global services may be named. That nothing else depends on it is tested by a
# deployment to another region.
_REGION: Final = re.compile(rf"(?<![a-z0-9-]){REGION.strip('^$')}(?![a-z0-9-])")
_NAMES: Final = frozenset({"name", "prefix"})  # settings that identify an environment


def stack_name(template: Template) -> Problems:
    """No resource depends on its stack's name."""
    for path, text in literals(template):
        if (path[-1] == "Ref" and text == "AWS::StackName") or "${AWS::StackName}" in text:
            message = "uses AWS::StackName, so the resource cannot move to another stack"
            yield Problem(path, f"{message}: use the Prefix parameter")


def account_literal(template: Template) -> Problems:
    """No account or region is hard-coded."""
    for path, text in literals(template):
        for found in _ACCOUNT.findall(text):
            if found not in _OWNED_BY_AWS:
                yield Problem(path, f"hard-codes the account {found}: use AWS::AccountId")
        for region in _REGION.finditer(text):
            if region[0] != GLOBAL_REGION:
                yield Problem(path, f"hard-codes the region {region[0]}: use AWS::Region")


def environment_condition(template: Template) -> Problems:
    """Environments differ by their settings, not by their names."""
    told = [name for name, setting in template.settings.items() if setting in _NAMES]
    for path, value in effective_nodes(template):
        if path[-1] != "Fn::Equals":
            continue
        for operand in value:
            if isinstance(operand, dict) and operand.get("Ref") in told:
                message = "depends on the environment's name"
                yield Problem(path, f"{message}: declare a setting for what differs")


def environment_literal(placement: Placement, identity: Collection[str]) -> Problems:
    """No value of a single environment is hard-coded in a template.

    `identity` are the settings whose values must not appear.
    """
    stack = placement.stack
    told = {
        value: name
        for name, value in stack.parameters.items()
        if value and stack.template.settings.get(name) in identity
    }
    for path, text in literals(stack.template):
        for value, name in told.items():
            if value in text:
                yield Problem(path, f"hard-codes {value}: use the parameter {name}")
