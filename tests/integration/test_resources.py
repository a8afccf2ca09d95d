"""Deployed resources against their declaration, and what goes wrong elsewhere, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.deploy.observe.checks import unseen

if TYPE_CHECKING:
    from tapgen.deploy.observe.checks import Check

pytestmark = pytest.mark.integration

Checked = Callable[..., list["Check"]]


def test_every_property_that_can_be_read_is_as_declared(deployed: Any) -> None:
    failed = [check for check in deployed.checks if check.ok is False or unseen(check)]
    assert not failed, "\n".join(map(str, failed))


def test_every_resource_was_read(deployed: Any) -> None:
    read = {(check.layer, check.logical_id) for check in deployed.checks if check.ok}
    for layer, stack in deployed.target.stacks.items():
        resources = deployed.target.cloudformation(stack).resources(stack.name)
        assert {(layer, logical_id) for logical_id in resources} <= read


def test_outputs_are_those_of_the_stacks(deployed: Any) -> None:
    given = {
        f"{layer}.{name}": value
        for layer in deployed.target.stacks
        for name, value in (deployed.target.outputs(layer) or {}).items()
    }
    assert given
    assert {name: value for name, value in deployed.flat.items() if "." in name} == given


# --- the twelve things of docs/platform.md ----------------------------------------------------


def test_01_bucket_names_carry_account_and_region(deployed: Any) -> None:
    ending = f"-{deployed.output('account_id')}-{deployed.output('region')}"
    names = [name for name in deployed.flat if name.startswith("storage.") and "BucketName" in name]
    assert len(names) == 3
    assert all(deployed.output(name).endswith(ending) for name in names)


def test_02_endpoints_admit_https_from_functions_only(deployed: Any) -> None:
    group = deployed.output("network.EndpointSecurityGroupId")
    answer = deployed.client("ec2").describe_security_groups(GroupIds=[group])
    (rule,) = answer["SecurityGroups"][0]["IpPermissions"]
    assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", 443, 443)
    sources = [pair["GroupId"] for pair in rule["UserIdGroupPairs"]]
    assert sources == [deployed.output("network.LambdaSecurityGroupId")]
    assert not rule.get("IpRanges")
    assert not rule.get("Ipv6Ranges")


def test_02_functions_open_https_and_admit_nothing(deployed: Any) -> None:
    group = deployed.output("network.LambdaSecurityGroupId")
    answer = deployed.client("ec2").describe_security_groups(GroupIds=[group])
    (found,) = answer["SecurityGroups"]
    assert not found["IpPermissions"]
    assert found["IpPermissionsEgress"]
    assert all(
        (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", 443, 443)
        for rule in found["IpPermissionsEgress"]
    )


def test_03_a_zone_says_how_it_is_delegated(deployed: Any) -> None:
    if not deployed.environment.value("domain"):
        assert "zone.HostedZoneId" not in deployed.flat
        pytest.skip("the environment has no domain")
    servers = deployed.output("zone.NameServers").split(",")
    assert len(servers) >= 2
    recorded = deployed.output("zone.DelegationRecorded")
    assert recorded == str(bool(deployed.environment.value("parent_zone_id"))).lower()


def test_04_the_certificate_is_issued(deployed: Any, checked: Checked) -> None:
    if "certificate" not in deployed.target.stacks:
        pytest.skip("the environment has no domain")
    kind = "AWS::CertificateManager::Certificate"
    checked("certificate", kind, "Status", "DomainName", "ValidationMethod")


def test_05_dns_leads_to_the_real_distribution(deployed: Any, checked: Checked) -> None:
    if "dns" not in deployed.target.stacks:
        pytest.skip("the environment has no domain")
    checks = checked("dns", "AWS::Route53::RecordSet", "AliasTarget/DNSName", "Type")
    targets = {c.actual for c in checks if c.property == "AliasTarget/DNSName"}
    assert targets == {deployed.output("cdn.DistributionDomainName")}
    assert {c.actual for c in checks if c.property == "Type"} == {"A", "AAAA"}


def test_05_the_distribution_leads_to_the_real_api(deployed: Any, checked: Checked) -> None:
    origin = "DistributionConfig/Origins/api/DomainName"
    (check,) = checked("cdn", "AWS::CloudFront::Distribution", origin)
    assert check.actual == deployed.output("api.ApiDomainName")


def test_07_tables_are_protected_and_never_replaced(deployed: Any, checked: Checked) -> None:
    checked("data", "AWS::DynamoDB::Table", "DeletionProtectionEnabled", "SSESpecification")
    checked("data", "AWS::ApplicationAutoScaling::ScalableTarget", "MinCapacity", "MaxCapacity")
    resources = deployed.target.stacks["data"].template.resources
    tables = [r for r in resources.values() if r["Type"] == "AWS::DynamoDB::Table"]
    assert {table["UpdateReplacePolicy"] for table in tables} == {"Retain"}
    assert {table["DeletionPolicy"] for table in tables} == {"RetainExceptOnCreate"}


def test_08_nat_gateways_are_as_many_as_the_mode_says(deployed: Any) -> None:
    vpc = {"Name": "vpc-id", "Values": [deployed.output("network.VpcId")]}
    state = {"Name": "state", "Values": ["available"]}
    gateways = deployed.client("ec2").describe_nat_gateways(Filters=[vpc, state])["NatGateways"]
    zones = deployed.environment.value("network.availability_zones")
    expected = {"none": 0, "single": 1, "per-az": zones}
    assert len(gateways) == expected[deployed.environment.value("network.nat")]


def test_11_log_groups_keep_what_the_setting_says(deployed: Any) -> None:
    setting = deployed.environment.value("retention.cloudwatch_days")
    retentions = {
        (check.layer, check.logical_id): check.actual
        for check in deployed.checks
        if check.property == "RetentionInDays"
    }
    assert retentions
    assert set(retentions.values()) == {setting}


def test_11_buckets_keep_what_the_setting_says(deployed: Any, checked: Checked) -> None:
    setting = deployed.environment.value("retention.logs_days")
    checks = checked("storage", "AWS::S3::Bucket", "LifecycleConfiguration")
    days = {
        check.actual
        for check in checks
        if check.property.endswith(("ExpirationInDays", "NoncurrentDays"))
    }
    assert days == {setting}


def test_12_stacks_are_protected_where_the_environment_is(deployed: Any) -> None:
    protection = [check for check in deployed.checks if check.property == "TerminationProtection"]
    assert len(protection) == len(deployed.target.stacks)
    assert {check.actual for check in protection} == {deployed.environment.protection}


# --- security ---------------------------------------------------------------------------------


def test_buckets_are_private_encrypted_and_versioned(checked: Checked) -> None:
    checked(
        "storage",
        "AWS::S3::Bucket",
        "PublicAccessBlockConfiguration",
        "BucketEncryption",
        "VersioningConfiguration",
        "OwnershipControls",
    )
    policies = checked("storage", "AWS::S3::BucketPolicy", "PolicyDocument")
    transport = [c for c in policies if c.property.endswith("aws:SecureTransport")]
    assert transport


@pytest.mark.parametrize("layer", ["network", "compute", "api"])
def test_roles_allow_no_whole_service(checked: Checked, layer: str) -> None:
    checks = checked(layer, "AWS::IAM::Role", "WildcardActions", "Policies")
    assert all(not check.actual for check in checks if check.property == "WildcardActions")


def test_functions_run_the_rendered_code(checked: Checked) -> None:
    checked("compute", "AWS::Lambda::Function", "CodeSha256", "MemorySize", "Timeout", "Runtime")
    checked("compute", "AWS::Lambda::Version", "CodeSha256")
    checked("compute", "AWS::Lambda::Alias", "FunctionVersion")


def test_the_stage_is_throttled_and_logs_no_bodies(checked: Checked) -> None:
    checks = checked("api", "AWS::ApiGateway::Stage", "MethodSettings", "AccessLogSetting")
    assert checks
    checked("api", "AWS::WAFv2::WebACLAssociation", "WebACLArn")
