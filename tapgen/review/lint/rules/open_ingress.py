from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Rule, resources
from tapgen.review.positions import Path

_HTTPS = 443


def _check(template: Template) -> Iterator[Problem]:
    for path, rule in _ingress(template):
        if "SourceSecurityGroupId" not in rule:
            yield Problem(path, "lets addresses in: name the security group that may come in")
        if (rule.get("FromPort"), rule.get("ToPort")) != (_HTTPS, _HTTPS):
            yield Problem(path, f"lets in other ports than {_HTTPS}")


def _ingress(template: Template) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path, properties in resources(template, "AWS::EC2::SecurityGroup"):
        for index, rule in enumerate(properties.get("SecurityGroupIngress", [])):
            yield (*path, "Properties", "SecurityGroupIngress", index), rule
    yield from resources(template, "AWS::EC2::SecurityGroupIngress")


RULE = Rule(
    "T019", "open-ingress", "error", "Only security groups come in, and only by HTTPS.", _check
)
