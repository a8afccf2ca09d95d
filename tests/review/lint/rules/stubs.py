"""Small templates that follow every rule but one, and what the rules say to them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tapgen.model.stack import Stack
from tapgen.model.templates.template import Template
from tapgen.payments.platform import PLATFORM
from tapgen.render.code.function_package import Code
from tapgen.render.rendering import Rendered
from tapgen.review.lint.findings import Finding
from tapgen.review.lint.rules.checking import check
from tapgen.review.lint.rules.registry import rules_for

WANTED_TAGS = ("CostCenter", "Environment", "Layer", "ManagedBy", "Project")
TAGGED = {"Tags": [{"Key": key, "Value": "x"} for key in WANTED_TAGS]}
RETAINED = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
QUEUE = {"Type": "AWS::SQS::Queue", "Properties": TAGGED, **RETAINED}

# Those with higher numbers would object to these stubs; they have tests on what is shipped.
_ALL = rules_for(PLATFORM)
RULES = replace(_ALL, templates=tuple(rule for rule in _ALL.templates if rule.id <= "T017"))


def template(settings: Mapping[str, str] | None = None, **sections: Any) -> Template:
    document = {
        "Metadata": {"tapgen": {"Layer": "data", "Settings": settings or {}}},
        "Resources": {"Queue": QUEUE},
        **sections,
    }
    return Template("data", json.dumps(document, indent=1, ensure_ascii=False))


def with_resource(type_: str, properties: Mapping[str, Any], **attributes: Any) -> Template:
    resource = {"Type": type_, "Properties": {**TAGGED, **properties}, **attributes}
    return template(Resources={"It": resource})


def stack(of: Template, **differences: Any) -> Stack:
    fields: dict[str, Any] = {
        "environment": "dev",
        "layer": of.layer,
        "name": "payments-dev-data",
        "account_id": "111111111111",
        "region": "us-east-1",
        "template": of,
        "parameters": {},
        "inputs": {},
        "tags": {},
        "protected": False,
    }
    return Stack(**{**fields, **differences})


def found(of: Template, *stacks: Stack) -> list[Finding]:
    placed = {"dev": stacks} if stacks else {}
    return list(check(Rendered(PLATFORM, {of.layer: of}, placed, Code(())), "out", RULES))


def told(of: Template, *stacks: Stack) -> list[tuple[str, str]]:
    return [(one.name, one.message) for one in found(of, *stacks)]


def names(of: Template, *stacks: Stack) -> list[str]:
    return [one.name for one in found(of, *stacks)]
