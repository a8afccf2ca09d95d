from __future__ import annotations

from collections.abc import Iterator

from tapgen.model.templates.intrinsics import references
from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Rule, resources


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
