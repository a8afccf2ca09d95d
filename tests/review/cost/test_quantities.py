"""Costs worked out by hand, with the arithmetic beside each; a month has 730 hours."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapgen.review.cost.prices import list_prices
from tapgen.review.cost.quantities import (
    COUNTINGS,
    FREE,
    UNSAID,
    Around,
    NoPriceError,
    Resource,
    Usage,
    unsaid,
)

US, EU = "us-east-1", "eu-central-1"
NOTHING = Usage()
MILLION = Usage(requests=1_000_000, milliseconds=100, kilobytes=10, log_bytes=2_000)


def cost(
    kind: str, properties: dict[str, Any], region: str, usage: Usage, *others: Resource
) -> tuple[Decimal, Decimal]:
    """US dollars a month, low and high."""
    resource = Resource("layer", "It", f"AWS::{kind}", properties)
    around = Around(usage, (resource, *others), {resource.type: 1})
    low = high = Decimal(0)
    for quantity in COUNTINGS[resource.type](resource, around):
        price = list_prices().of(quantity.component, region)
        assert price is not None
        low += quantity.low / quantity.component.per * price.usd
        high += quantity.high / quantity.component.per * price.usd
    return low, high


def provisioned(reads: int, writes: int, **more: Any) -> dict[str, Any]:
    throughput = {"ReadCapacityUnits": reads, "WriteCapacityUnits": writes}
    return {"ProvisionedThroughput": throughput, **more}


def rules(*groups: str) -> dict[str, Any]:
    managed = [
        {"Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": name}}}
        for name in groups
        if name
    ]
    own: list[dict[str, Any]] = [{"Statement": {"RateBasedStatement": {}}}] * groups.count("")
    return {"Rules": [*managed, *own]}


def metrics(count: int, period: int = 300) -> dict[str, Any]:
    stats: list[dict[str, Any]] = [{"MetricStat": {"Period": period}} for _ in range(count)]
    return {"Metrics": [*stats, {"Expression": "m1 / m2"}]}


INTERFACE = {"VpcEndpointType": "Interface"}
INDEX = [{"IndexName": "byDay", **provisioned(10, 5)}]

BY_HAND: list[tuple[str, dict[str, Any], str, Usage, str]] = [
    # 730 h x 0.045, 0.052
    ("EC2::NatGateway", {}, US, NOTHING, "32.85"),
    ("EC2::NatGateway", {}, EU, NOTHING, "37.96"),
    # 730 h x 0.005
    ("EC2::EIP", {}, US, NOTHING, "3.65"),
    # 730 h x zones x 0.01, 0.012
    ("EC2::VPCEndpoint", {**INTERFACE, "SubnetIds": ["a"]}, US, NOTHING, "7.30"),
    ("EC2::VPCEndpoint", {**INTERFACE, "SubnetIds": ["a", "b", "c"]}, US, NOTHING, "21.90"),
    ("EC2::VPCEndpoint", {**INTERFACE, "SubnetIds": ["a", "b"]}, EU, NOTHING, "17.52"),
    ("EC2::VPCEndpoint", {**INTERFACE, "SubnetIds": {"Ref": "Subnets"}}, US, NOTHING, "7.30"),
    ("EC2::VPCEndpoint", {"VpcEndpointType": "Gateway"}, US, NOTHING, "0"),
    ("EC2::VPCEndpoint", {}, US, NOTHING, "0"),
    # 730 h x (reads x 0.00013 + writes x 0.00065)
    ("DynamoDB::Table", provisioned(1, 1), US, NOTHING, "0.5694"),
    ("DynamoDB::Table", provisioned(100, 100), US, NOTHING, "56.94"),
    ("DynamoDB::Table", provisioned(100, 0), US, NOTHING, "9.49"),
    ("DynamoDB::Table", provisioned(0, 100), US, NOTHING, "47.45"),
    # 730 h x 100 x (0.0001586 + 0.000793)
    ("DynamoDB::Table", provisioned(100, 100), EU, NOTHING, "69.4668"),
    # 730 h x ((5 + 10) x 0.00013 + (5 + 5) x 0.00065)
    ("DynamoDB::Table", provisioned(5, 5, GlobalSecondaryIndexes=INDEX), US, NOTHING, "6.1685"),
    ("DynamoDB::Table", {"BillingMode": "PAY_PER_REQUEST"}, US, NOTHING, "0"),
    # 1 M x 0.125 + 1 M x 0.625
    ("DynamoDB::Table", {"BillingMode": "PAY_PER_REQUEST"}, US, MILLION, "0.75"),
    # 1 M x 0.1525 + 1 M x 0.7625
    ("DynamoDB::Table", {"BillingMode": "PAY_PER_REQUEST"}, EU, MILLION, "0.915"),
    # what is provisioned does not depend on usage
    ("DynamoDB::Table", provisioned(100, 0), US, MILLION, "9.49"),
    ("KMS::Key", {}, US, NOTHING, "1"),
    ("KMS::Key", {"EnableKeyRotation": False}, US, NOTHING, "1"),
    ("SecretsManager::Secret", {}, US, NOTHING, "0.4"),
    # 3 x 0.40: a replica is charged as a secret
    (
        "SecretsManager::Secret",
        {"ReplicaRegions": [{"Region": "eu-west-1"}, {"Region": "eu-west-2"}]},
        US, NOTHING, "1.2",
    ),
    ("WAFv2::WebACL", {}, US, NOTHING, "5"),
    # 5 + 2 own rules
    ("WAFv2::WebACL", rules("", ""), US, NOTHING, "7"),
    # 5 + 1 own + 2 groups
    ("WAFv2::WebACL", rules("", "AWSManagedRulesCommonRuleSet", "X"), US, NOTHING, "8"),
    # 5 + 1 group + 10 for what it is
    ("WAFv2::WebACL", rules("AWSManagedRulesBotControlRuleSet"), US, NOTHING, "16"),
    # 5 + 1 M x 0.60
    ("WAFv2::WebACL", {}, US, MILLION, "5.6"),
    ("CloudWatch::Alarm", {"Period": 60}, US, NOTHING, "0.1"),
    ("CloudWatch::Alarm", {}, US, NOTHING, "0.1"),
    # 2 metrics x 0.10; an expression is none
    ("CloudWatch::Alarm", metrics(2), US, NOTHING, "0.2"),
    ("CloudWatch::CompositeAlarm", {}, US, NOTHING, "0.5"),
    ("CloudWatch::Dashboard", {}, EU, NOTHING, "3"),
    ("Route53::HostedZone", {}, EU, NOTHING, "0.5"),
    ("CertificateManager::Certificate", {}, US, NOTHING, "0"),
    ("Lambda::Function", {"MemorySize": 3008}, US, NOTHING, "0"),
    # 1 M x 0.20 + 1 M x 0.1 s x 1024/1024 GB x 0.0000166667
    ("Lambda::Function", {"MemorySize": 1024}, US, MILLION, "1.86667"),
    # 1 M x 0.20 + 1 M x 0.1 s x 0.125 GB x 0.0000166667
    ("Lambda::Function", {}, US, MILLION, "0.40833375"),
    # 1 M x 0.20 + 1 M x 0.1 s x 2 GB x 0.0000133334
    (
        "Lambda::Function",
        {"MemorySize": 2048, "Architectures": ["arm64"]},
        EU, MILLION, "2.86668",
    ),
    ("ApiGateway::RestApi", {}, US, NOTHING, "0"),
    # 1 M x 3.50, 3.70
    ("ApiGateway::RestApi", {}, US, MILLION, "3.5"),
    ("ApiGateway::RestApi", {}, EU, MILLION, "3.7"),
    # 100 x 0.01 for each 10,000, and 10 GB x 0.085
    ("CloudFront::Distribution", {}, US, MILLION, "1.85"),
    ("CloudFront::Distribution", {}, US, NOTHING, "0"),
    # 2 GB x 0.50, 0.63
    ("Logs::LogGroup", {}, US, MILLION, "1"),
    ("Logs::LogGroup", {}, EU, MILLION, "1.26"),
    # 1 M records of 2,000 bytes, each charged as 5,120: 5.12 GB x 0.029
    ("KinesisFirehose::DeliveryStream", {}, US, MILLION, "0.14848"),
    # 6,000 bytes are two steps
    (
        "KinesisFirehose::DeliveryStream", {}, US,
        Usage(requests=1_000_000, log_bytes=6_000), "0.29696",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "properties", "region", "usage", "expected"), BY_HAND)
def test_a_resource_costs_what_was_worked_out_by_hand(
    kind: str, properties: dict[str, Any], region: str, usage: Usage, expected: str
) -> None:
    assert cost(kind, properties, region, usage) == (Decimal(expected), Decimal(expected))


def test_there_are_enough_of_them_and_of_every_type() -> None:
    assert len(BY_HAND) >= 40
    assert {f"AWS::{kind}" for kind, *_ in BY_HAND} == COUNTINGS.keys()


def target(of: Any, dimension: str, most: int) -> Resource:
    properties = {"ResourceId": of, "ScalableDimension": dimension, "MaxCapacity": most}
    return Resource("layer", "Target", "AWS::ApplicationAutoScaling::ScalableTarget", properties)


TABLE = {"Fn::Sub": ["table/${Table}", {"Table": {"Ref": "It"}}]}
READS = "dynamodb:table:ReadCapacityUnits"


@pytest.mark.parametrize(
    ("scaled", "high"),
    [
        # 730 h x 1,000 reads x 0.00013 + 730 h x 100 writes x 0.00065
        (target(TABLE, READS, 1000), "142.35"),
        (target("table/payments", READS, 1000), "142.35"),
        (target("table/other", READS, 1000), "56.94"),
        (target(TABLE, "dynamodb:table:WriteCapacityUnits", 200), "104.39"),
        (target(TABLE, "dynamodb:index:ReadCapacityUnits", 1000), "56.94"),
        (target(TABLE, READS, 10), "56.94"),  # it does not go below what is declared
    ],
)
def test_autoscaling_makes_the_difference_between_low_and_high(scaled: Resource, high: str) -> None:
    table = provisioned(100, 100, TableName="payments")
    found = cost("DynamoDB::Table", table, US, NOTHING, scaled)
    assert found == (Decimal("56.94"), Decimal(high))


def test_an_index_is_scaled_for_itself() -> None:
    index = {"Fn::Sub": ["table/${Table}/index/byDay", {"Table": {"Ref": "It"}}]}
    scaled = target(index, "dynamodb:index:ReadCapacityUnits", 110)
    table = provisioned(5, 5, GlobalSecondaryIndexes=INDEX)
    # 730 h x 100 reads more x 0.00013
    low, high = cost("DynamoDB::Table", table, US, NOTHING, scaled)
    assert high - low == Decimal("9.49")


@pytest.mark.parametrize("rotates", [True, "true"])
def test_a_key_that_rotates_has_up_to_three_versions(rotates: Any) -> None:
    assert cost("KMS::Key", {"EnableKeyRotation": rotates}, US, NOTHING) == (Decimal(1), Decimal(3))


def test_usage_is_shared_by_those_of_a_type() -> None:
    function = Resource("layer", "It", "AWS::Lambda::Function", {"MemorySize": 1024})
    around = Around(MILLION, (function,), {"AWS::Lambda::Function": 4})
    requests, _ = COUNTINGS[function.type](function, around)
    assert requests.by_usage
    assert requests.low == Decimal(250_000)


@pytest.mark.parametrize("properties", [{"Period": 10}, metrics(1, period=10)])
def test_an_alarm_of_high_resolution_has_another_price(properties: dict[str, Any]) -> None:
    with pytest.raises(NoPriceError):
        cost("CloudWatch::Alarm", properties, US, NOTHING)


def test_a_type_is_counted_or_free_or_its_amount_is_not_known() -> None:
    assert FREE.isdisjoint(COUNTINGS)
    assert FREE.isdisjoint(UNSAID)


def test_a_gateway_endpoint_has_nothing_to_say() -> None:
    kind = "AWS::EC2::VPCEndpoint"
    assert unsaid(Resource("l", "E", kind, INTERFACE)) == "data through interface endpoints"
    assert unsaid(Resource("l", "E", kind, {"VpcEndpointType": "Gateway"})) == ""
    assert unsaid(Resource("l", "R", "AWS::IAM::Role", {})) == ""


SIZES = st.integers(0, 10_000)


@pytest.mark.hypothesis
@given(SIZES, SIZES, SIZES, SIZES)
def test_more_of_anything_never_costs_less(
    reads: int, writes: int, more_reads: int, more_writes: int
) -> None:
    table = cost("DynamoDB::Table", provisioned(reads, writes), US, NOTHING)
    more = provisioned(reads + more_reads, writes + more_writes)
    assert cost("DynamoDB::Table", more, US, NOTHING) >= table


@pytest.mark.hypothesis
@given(
    st.sampled_from(sorted(COUNTINGS)),
    st.builds(Usage, SIZES, SIZES, SIZES, SIZES),
    st.builds(Usage, SIZES, SIZES, SIZES, SIZES),
)
def test_more_usage_never_costs_less(kind: str, usage: Usage, added: Usage) -> None:
    more = Usage(
        usage.requests + added.requests,
        usage.milliseconds + added.milliseconds,
        usage.kilobytes + added.kilobytes,
        usage.log_bytes + added.log_bytes,
    )
    name = kind.removeprefix("AWS::")
    assert cost(name, {}, US, more)[0] >= cost(name, {}, US, usage)[0]
