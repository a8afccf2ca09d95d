from __future__ import annotations

from collections.abc import Iterator

from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Rule, nodes, resources


def _check(template: Template) -> Iterator[Problem]:
    told = [
        value["Fn::GetAtt"]
        for _, value in nodes(template.outputs)
        if isinstance(value, dict) and "Fn::GetAtt" in value
    ]
    for path, _ in resources(template, "AWS::Route53::HostedZone"):
        if [path[1], "NameServers"] not in told:
            yield Problem(path, "no output tells its name servers, so nobody can delegate to it")


RULE = Rule("T020", "zone-delegation", "error", "A hosted zone can be delegated to.", _check)
