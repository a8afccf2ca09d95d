from __future__ import annotations

from collections.abc import Iterator

from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Rule, effective_nodes, resources


def _check(template: Template) -> Iterator[Problem]:
    for path, value in effective_nodes(template):
        if path[-1] == "IpProtocol" and str(value) == "-1":
            yield Problem(path, "opens every protocol: name the protocol and its ports")
    for path, properties in resources(template, "AWS::EC2::SecurityGroup"):
        if not properties.get("SecurityGroupEgress"):
            # AWS then adds a rule of its own that lets everything out.
            yield Problem(path, "names no egress and so lets everything out: declare the egress")


RULE = Rule("T014", "any-protocol", "error", "Security groups name what they let pass.", _check)
