"""Rules about permissions and network access."""

from __future__ import annotations

import json
from typing import Any, Final

from tapgen.model.templates.intrinsics import references
from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import (
    Problem,
    Problems,
    allow_statements,
    effective_nodes,
    listed,
    resources,
)

_BLOCKS: Final = (
    "BlockPublicAcls",
    "BlockPublicPolicy",
    "IgnorePublicAcls",
    "RestrictPublicBuckets",
)
# Conditions that name a caller. ArnEquals accepts wildcards all the same (IAM user guide).
_EXACT: Final = ("ArnEquals", "StringEquals")


def any_principal(template: Template) -> Problems:
    """A policy names the principals it allows."""
    for path, statement in allow_statements(template):
        if "NotPrincipal" in statement:
            yield Problem((*path, "NotPrincipal"), "allows almost everybody: name the principals")
        if "*" in _principals(statement.get("Principal", [])) and not _names_caller(statement):
            yield Problem((*path, "Principal"), "allows everybody: name the principals")


def _names_caller(statement: dict[str, Any]) -> bool:
    """True if a condition names the role; `Principal` can name only a role that exists."""
    conditions = statement.get("Condition", {})
    named = [conditions.get(one, {}).get("aws:PrincipalArn") for one in _EXACT]
    return any(one and "*" not in json.dumps(one) for one in named)


def _principals(principal: Any) -> list[Any]:
    kinds = principal.values() if isinstance(principal, dict) else [principal]
    return [one for kind in kinds for one in listed(kind)]


def any_action(template: Template) -> Problems:
    """A policy names the actions it allows."""
    for path, statement in allow_statements(template):
        if "NotAction" in statement:
            yield Problem((*path, "NotAction"), "allows almost all actions: name the actions")
        for action in listed(statement.get("Action", [])):
            if "*" in action:
                yield Problem((*path, "Action"), f"allows {action}: name the actions")


def any_protocol(template: Template) -> Problems:
    """Security groups name the protocols and ports they allow."""
    for path, value in effective_nodes(template):
        if path[-1] == "IpProtocol" and str(value) == "-1":
            yield Problem(path, "opens every protocol: name the protocol and its ports")
    for path, properties in resources(template, "AWS::EC2::SecurityGroup"):
        if not properties.get("SecurityGroupEgress"):
            # AWS then adds a rule that allows all outbound traffic.
            yield Problem(path, "has no egress rule, so AWS allows all: declare the egress")


def public_access(template: Template) -> Problems:
    """No bucket, subnet or function is public."""
    for path, properties in resources(template, "AWS::S3::Bucket"):
        blocked = properties.get("PublicAccessBlockConfiguration", {})
        missing = [name for name in _BLOCKS if blocked.get(name) is not True]
        if missing:
            yield Problem(path, f"can be made public: set {', '.join(missing)}")
    for path, properties in resources(template, "AWS::EC2::Subnet"):
        if properties.get("MapPublicIpOnLaunch", False) is not False:
            yield Problem(path, "assigns public addresses: leave MapPublicIpOnLaunch out")
    for path, properties in resources(template, "AWS::Lambda::Permission"):
        if properties.get("Principal") == "*":
            yield Problem(path, "lets everybody call the function: name the principal")


def unbounded_role(template: Template) -> Problems:
    """Roles have the permissions boundary that the environment names."""
    parameter = template.parameter_of("deployment.permission_boundary")
    for path, properties in resources(template, "AWS::IAM::Role"):
        if parameter not in references(properties.get("PermissionsBoundary")):
            yield Problem(
                (*path, "Properties", "PermissionsBoundary"),
                "is not the policy in deployment.permission_boundary: in an environment that sets "
                "it, IAM refuses to create this role",
            )
