from __future__ import annotations

from collections.abc import Iterator

from tapgen.stacks.resolve import references
from tapgen.stacks.rules.rule import Problem, Rule, resources
from tapgen.stacks.template import Template


def _check(template: Template) -> Iterator[Problem]:
    behind = frozenset[str]().union(
        *(
            references(properties["ResourceArn"])
            for _, properties in resources(template, "AWS::WAFv2::WebACLAssociation")
        )
    )
    for path, _ in resources(template, "AWS::ApiGateway::Stage"):
        if path[1] not in behind:
            yield Problem(path, "has no web ACL in front of it: associate one")
    for path, properties in resources(template, "AWS::CloudFront::Distribution"):
        if "WebACLId" not in properties["DistributionConfig"]:
            yield Problem(path, "has no web ACL in front of it: set WebACLId")


RULE = Rule("T027", "firewall", "error", "A web application firewall is in front.", _check)
