"""The payments platform's rules for its templates, in addition to the engine's.

Their ids are numbered together with the engine's (`tapgen.review.lint.rules.registry`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tapgen.model.templates.intrinsics import references
from tapgen.model.templates.positions import Path
from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import (
    Problem,
    Problems,
    Rule,
    Rules,
    effective_nodes,
    resources,
)

_RETENTIONS: Final = frozenset(
    {"ExpirationInDays", "NoncurrentDays", "NoncurrentVersionExpirationInDays", "RetentionInDays"}
)
_HTTPS: Final = 443


def retention_setting(template: Template) -> Problems:
    """Retention periods come only from the environment's settings."""
    settings = {n for n, setting in template.settings.items() if setting.startswith("retention.")}
    for path, value in effective_nodes(template):
        if path[-1] not in _RETENTIONS:
            continue
        if not isinstance(value, dict) or value.get("Ref") not in settings:
            yield Problem(path, f"{path[-1]} is not the unchanged value of a retention setting")


def open_ingress(template: Template) -> Problems:
    """Inbound traffic comes only from security groups, and only over HTTPS."""
    for path, rule in _ingress(template):
        if "SourceSecurityGroupId" not in rule:
            yield Problem(path, "allows addresses: name the security group that is allowed")
        if (rule.get("FromPort"), rule.get("ToPort")) != (_HTTPS, _HTTPS):
            yield Problem(path, f"allows other ports than {_HTTPS}")


def _ingress(template: Template) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path, properties in resources(template, "AWS::EC2::SecurityGroup"):
        for index, rule in enumerate(properties.get("SecurityGroupIngress", [])):
            yield (*path, "Properties", "SecurityGroupIngress", index), rule
    yield from resources(template, "AWS::EC2::SecurityGroupIngress")


def firewall(template: Template) -> Problems:
    """APIs and distributions have a web application firewall."""
    behind = frozenset[str]().union(
        *(
            references(properties["ResourceArn"])
            for _, properties in resources(template, "AWS::WAFv2::WebACLAssociation")
        )
    )
    for path, _ in resources(template, "AWS::ApiGateway::Stage"):
        if path[1] not in behind:
            yield Problem(path, "has no web ACL: associate one")
    for path, properties in resources(template, "AWS::CloudFront::Distribution"):
        if "WebACLId" not in properties["DistributionConfig"]:
            yield Problem(path, "has no web ACL: set WebACLId")


def rate_limit(template: Template) -> Problems:
    """Rate limits per address are applied at CloudFront, which sees the callers' addresses."""
    for path, acl in resources(template, "AWS::WAFv2::WebACL"):
        counting = [rule for rule in acl["Rules"] if "RateBasedStatement" in rule["Statement"]]
        if acl["Scope"] == "CLOUDFRONT" and not counting:
            yield Problem(path, "does not limit requests per address: add a rate limit")
        if acl["Scope"] != "CLOUDFRONT" and counting:
            message = "limits requests per address, but behind CloudFront all addresses are its own"
            yield Problem(path, message)


RULES: Final = Rules(
    templates=(
        Rule("T011", "retention-setting", retention_setting),
        Rule("T019", "open-ingress", open_ingress),
        Rule("T027", "firewall", firewall),
        Rule("T044", "rate-limit", rate_limit),
    ),
)
