"""The rules about the platform: each passes what is shipped and finds what is broken.

Every mutation is of a shipped template, so that a rule which looks past them would be noticed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from tapgen.stacks.render import Rendered
from tapgen.stacks.rules import (
    bucket_name,
    certificate_validation,
    encryption_key,
    firewall,
    open_ingress,
    protected_data,
    public_access,
    real_target,
    tls_only,
    tls_version,
    zone_delegation,
)
from tapgen.stacks.rules.checking import check
from tapgen.stacks.rules.registry import STACK_RULES, TEMPLATE_RULES
from tapgen.stacks.rules.rule import Placement, Rule
from tapgen.stacks.template import Template

Mutation = Callable[[dict[str, Any]], None]


def properties(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = document["Resources"][name]["Properties"]
    return found


def setting(name: str, *path: Any, to: Any) -> Mutation:
    """Change a property of a resource of a template."""

    def mutate(document: dict[str, Any]) -> None:
        *way, last = path
        place: Any = properties(document, name)
        for step in way:
            place = place[step]
        place[last] = to

    return mutate


def without(name: str, *path: Any) -> Mutation:
    """Take a property away from a resource of a template."""

    def mutate(document: dict[str, Any]) -> None:
        *way, last = path
        place: Any = properties(document, name)
        for step in way:
            place = place[step]
        del place[last]

    return mutate


def removing(name: str) -> Mutation:
    """Take a resource out of a template."""
    return lambda document: document["Resources"].pop(name)


def adding(type_: str, **given: Any) -> Mutation:
    """Put a resource called New into a template."""
    return lambda document: document["Resources"].update(New={"Type": type_, "Properties": given})


def mutated(of: Template, mutate: Mutation) -> Template:
    document = deepcopy(of.document)
    mutate(document)
    return Template(of.layer, json.dumps(document))


ORIGIN = ("DistributionConfig", "Origins", 0)
CERTIFICATE = ("DistributionConfig", "ViewerCertificate", "Fn::If", 1)
PLAIN = {"Fn::Sub": "${Prefix}-artifacts-${AWS::AccountId}"}
INGRESS = ("SecurityGroupIngress", 0)
CASES = [
    (bucket_name.RULE, "storage", setting("ArtifactsBucket", "BucketName", to="artifacts")),
    (bucket_name.RULE, "storage", setting("ArtifactsBucket", "BucketName", to=PLAIN)),
    (bucket_name.RULE, "storage", without("ArtifactsBucket", "BucketName")),
    (
        open_ingress.RULE,
        "network",
        without("EndpointSecurityGroup", *INGRESS, "SourceSecurityGroupId"),
    ),
    (open_ingress.RULE, "network", setting("EndpointSecurityGroup", *INGRESS, "FromPort", to=0)),
    (open_ingress.RULE, "network", setting("EndpointSecurityGroup", *INGRESS, "ToPort", to=8443)),
    (
        open_ingress.RULE,
        "network",
        adding("AWS::EC2::SecurityGroupIngress", CidrIp="10.0.0.0/8", FromPort=443, ToPort=443),
    ),
    (zone_delegation.RULE, "zone", lambda document: document["Outputs"].pop("NameServers")),
    (
        certificate_validation.RULE,
        "certificate",
        setting("Certificate", "ValidationMethod", to="EMAIL"),
    ),
    (certificate_validation.RULE, "certificate", without("Certificate", "ValidationMethod")),
    (certificate_validation.RULE, "certificate", without("Certificate", "DomainValidationOptions")),
    (
        certificate_validation.RULE,
        "certificate",
        without("Certificate", "DomainValidationOptions", 0, "HostedZoneId"),
    ),
    (
        real_target.RULE,
        "dns",
        setting("AliasIpv4", "AliasTarget", "DNSName", to="d1.cloudfront.net"),
    ),
    (real_target.RULE, "cdn", setting("Distribution", *ORIGIN, "DomainName", to="example.com")),
    (
        encryption_key.RULE,
        "data",
        without("TransactionsTable", "SSESpecification", "KMSMasterKeyId"),
    ),
    (encryption_key.RULE, "storage", without("ApiLogsBucket", "BucketEncryption")),
    (
        encryption_key.RULE,
        "compute",
        setting("PaymentProcessorDlq", "KmsMasterKeyId", to="alias/aws/sqs"),
    ),
    (encryption_key.RULE, "compute", without("PaymentProcessorFunction", "KmsKeyArn")),
    (encryption_key.RULE, "api", without("OriginSecretOdd", "KmsKeyId")),
    (encryption_key.RULE, "observability", without("AlarmTopic", "KmsMasterKeyId")),
    (tls_only.RULE, "storage", removing("ArtifactsBucketPolicy")),
    (tls_only.RULE, "compute", removing("PaymentProcessorDlqPolicy")),
    (tls_only.RULE, "cdn", removing("AlarmTopicPolicy")),
    (
        tls_only.RULE,
        "storage",
        setting("ArtifactsBucketPolicy", "PolicyDocument", "Statement", 0, "Effect", to="Allow"),
    ),
    (
        tls_only.RULE,
        "storage",
        setting("ArtifactsBucketPolicy", "PolicyDocument", "Statement", 0, "Condition", to={}),
    ),
    (
        tls_version.RULE,
        "cdn",
        setting("Distribution", *CERTIFICATE, "MinimumProtocolVersion", to="TLSv1"),
    ),
    (tls_version.RULE, "cdn", without("Distribution", *CERTIFICATE, "MinimumProtocolVersion")),
    (
        tls_version.RULE,
        "cdn",
        setting("Distribution", *ORIGIN, "CustomOriginConfig", "OriginSSLProtocols", to=["TLSv1"]),
    ),
    (
        tls_version.RULE,
        "cdn",
        without("Distribution", *ORIGIN, "CustomOriginConfig", "OriginSSLProtocols"),
    ),
    (
        tls_version.RULE,
        "cdn",
        setting(
            "Distribution", *ORIGIN, "CustomOriginConfig", "OriginProtocolPolicy", to="http-only"
        ),
    ),
    (
        tls_version.RULE,
        "cdn",
        setting(
            "Distribution",
            "DistributionConfig",
            "DefaultCacheBehavior",
            "ViewerProtocolPolicy",
            to="allow-all",
        ),
    ),
    (public_access.RULE, "storage", without("ApiLogsBucket", "PublicAccessBlockConfiguration")),
    (
        public_access.RULE,
        "storage",
        setting("ApiLogsBucket", "PublicAccessBlockConfiguration", "BlockPublicAcls", to=False),
    ),
    (public_access.RULE, "network", setting("PrivateSubnet1", "MapPublicIpOnLaunch", to=True)),
    (public_access.RULE, "api", setting("GetHealthPermission", "Principal", to="*")),
    (firewall.RULE, "api", removing("WebAclAssociation")),
    (firewall.RULE, "cdn", without("Distribution", "DistributionConfig", "WebACLId")),
]


@pytest.mark.parametrize(
    ("rule", "layer", "mutate"),
    CASES,
    ids=[f"{rule.name}-{number}" for number, (rule, _, _) in enumerate(CASES)],
)
def test_a_broken_template_is_found(
    rendered: Rendered, rule: Rule[Template], layer: str, mutate: Mutation
) -> None:
    of = rendered.templates[layer]
    before = len([*rule.check(of)])  # what is accepted on the resource is taken out later
    after = [*rule.check(mutated(of, mutate))]
    assert len(after) == before + 1
    assert all(problem.path[:1] in {("Resources",), ("Outputs",)} for problem in after)


def test_what_is_shipped_follows_every_rule(rendered: Rendered) -> None:
    assert [*check(rendered, "templates_out")] == []


def test_every_rule_about_templates_has_a_broken_one() -> None:
    here = {rule.id for rule in TEMPLATE_RULES if rule.id > "T017"}
    assert here == {rule.id for rule, _, _ in CASES}


TABLES = {"IdempotencyTable", "SessionsTable", "TransactionsTable"}


@pytest.mark.parametrize(
    ("layer", "switch", "expected"),
    [
        ("data", "protection", TABLES),
        ("data", "data.point_in_time_recovery", TABLES),
        ("network", "protection", {"FlowLogGroup"}),
        ("identity", "protection", {"UserPool"}),
    ],
)
def test_protected_data_is_neither_deleted_nor_lost(
    rendered: Rendered, layer: str, switch: str, expected: set[str]
) -> None:
    (stack,) = [one for one in rendered.stacks["prod"] if one.layer == layer]
    assert [*protected_data.RULE.check(Placement(stack, {}))] == []
    (flag,) = [name for name, filled in stack.template.settings.items() if filled == switch]
    broken = replace(stack, parameters={**stack.parameters, flag: "false"})
    problems = [*protected_data.RULE.check(Placement(broken, {}))]
    assert {problem.path[1] for problem in problems} == expected
    unprotected = replace(broken, protected=False)
    assert [*protected_data.RULE.check(Placement(unprotected, {}))] == []
    assert protected_data.RULE in STACK_RULES


def test_a_protected_user_pool_is_not_deleted(rendered: Rendered) -> None:
    (stack,) = [one for one in rendered.stacks["prod"] if one.layer == "identity"]
    assert [*protected_data.RULE.check(Placement(stack, {}))] == []
    broken = replace(stack, parameters={**stack.parameters, "Protection": "false"})
    (problem,) = protected_data.RULE.check(Placement(broken, {}))
    assert problem.path == ("Resources", "UserPool")
    assert "DeletionProtection is off" in problem.message
