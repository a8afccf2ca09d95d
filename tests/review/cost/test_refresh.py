"""What AWS is asked for, and what becomes of its answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tapgen.model.stack import Stack
from tapgen.review.cost.basis import Basis
from tapgen.review.cost.estimate import estimate
from tapgen.review.cost.lines import Estimate
from tapgen.review.cost.price_file import Row
from tapgen.review.cost.prices import GLOBAL, Component, list_prices
from tapgen.review.cost.quantities import COUNTINGS, Around, Quantity, Resource
from tapgen.review.cost.queries import Query
from tapgen.review.cost.refresh import (
    ANY_USAGE,
    NoPricesError,
    PriceChange,
    Wanted,
    changes,
    told,
    wanted,
    without_query,
)
from tests.price_list import product

Stacked = Callable[..., Stack]
Answers = Mapping[Query, Sequence[Mapping[str, Any]]]
GATEWAY, ZONE = "AWS::EC2::NatGateway", "AWS::Route53::HostedZone"


def charged(*stacks: Stack, basis: Basis | None = None) -> Estimate:
    return estimate(stacks, ANY_USAGE, basis)


def asked_for(stack: Stacked, *types: str, region: str = "us-east-1") -> tuple[Wanted, ...]:
    return wanted([charged(stack(*types, region=region))])


def answers(each: Sequence[Wanted], *prices: str) -> Answers:
    """Each question is answered with a product of this price."""
    pairs = zip(each, prices, strict=True)
    return {
        question: [product(dict(question.filters), ("0", usd))]
        for one, usd in pairs
        for question in one.questions()
    }


def test_what_environments_are_charged_for_is_asked_once_for_each_place(stack: Stacked) -> None:
    here, there = stack(GATEWAY, GATEWAY, ZONE), stack(GATEWAY, ZONE, region="eu-west-1")
    found = wanted([charged(here), charged(there), charged(here)])
    assert [one.key for one in found] == [
        ("NAT gateway hour", "eu-west-1"),
        ("NAT gateway hour", "us-east-1"),
        ("Route 53 hosted zone (first 25)", GLOBAL),
    ]


def test_what_follows_from_usage_is_asked_for_whatever_it_is(stack: Stacked) -> None:
    (calls,) = asked_for(stack, "AWS::ApiGateway::RestApi")
    assert calls.unit == "million calls"
    places = {one.place for one in asked_for(stack, "AWS::CloudFront::Distribution")}
    assert places == {"edge United States/Mexico/Canada"}


def test_what_has_no_query_is_not_asked_for(stack: Stacked) -> None:
    assert asked_for(stack, "AWS::CertificateManager::Certificate") == ()


def test_a_component_of_a_platform_that_nobody_can_ask_for_is_named(stack: Stacked) -> None:
    def robots(_resource: Resource, _around: Around) -> Iterator[Quantity]:
        yield Quantity(Component("Robot", "robot-month"), Decimal(1), Decimal(1))

    basis = Basis({**COUNTINGS, "Custom::Robot": robots})
    found = charged(stack("Custom::Robot", "AWS::CertificateManager::Certificate"), basis=basis)
    assert wanted([found]) == ()
    assert without_query([found]) == ("Robot",)


def test_the_answers_become_lines(stack: Stacked) -> None:
    each = asked_for(stack, GATEWAY, ZONE)
    found = told(each, answers(each, "0.046", "0.5"), list_prices())
    gateway, zone = found
    assert gateway == Row(
        "NAT gateway hour",
        "NAT gateway-hour",
        "us-east-1",
        Decimal("0.046"),
        "AWS Price List: AmazonEC2 NatGateway-Hours",
        "2026-11-20",
    )
    assert (zone.region, zone.usd, zone.is_listed) == (GLOBAL, Decimal("0.5"), True)
    assert [*changes(found, list_prices())] == [
        PriceChange(
            *("NAT gateway hour", "NAT gateway-hour", "us-east-1"),
            *(Decimal("0.045"), Decimal("0.046")),
        )
    ]


def test_a_price_that_nobody_knew_is_a_change(stack: Stacked) -> None:
    each = asked_for(stack, GATEWAY, region="eu-north-1")
    found = told(each, answers(each, "0.046"), list_prices())
    (change,) = changes(found, list_prices())
    assert (change.old, change.new) == (None, Decimal("0.046"))
    without = [one._replace(usd=None) for one in found]
    assert [*changes(without, list_prices())] == []


def test_a_product_without_a_usage_type_is_named_by_what_it_is(stack: Stacked) -> None:
    secret = "Secrets Manager API calls"
    calls = {"Custom::Calls": _counting(Component(secret, "10000 calls", 10_000))}
    each = wanted([charged(stack("Custom::Calls"), basis=Basis(calls))])
    (row,) = told(each, answers(each, "0.000005"), list_prices())
    assert row.source == "AWS Price List: AWSSecretsManager us-east-1 API Request"


def _counting(component: Component) -> Any:
    def count(_resource: Resource, _around: Around) -> Iterator[Quantity]:
        yield Quantity(component, Decimal(1), Decimal(1))

    return count


def test_all_that_is_not_told_is_told_at_once_with_what_was_asked(stack: Stacked) -> None:
    each = (
        *asked_for(stack, GATEWAY, ZONE),
        *asked_for(stack, GATEWAY, region="mars-north-1"),
    )
    gateway, zone, _mars = each
    products = {
        **dict.fromkeys(gateway.questions(), ()),
        **answers([zone], "50"),
    }
    with pytest.raises(NoPricesError) as raised:
        told(each, products, list_prices())
    first, *lines = raised.value.message.splitlines()
    assert first == "AWS's Price List does not have 3 of 3 prices; nothing was written:"
    unlikely = "which is probably not for one"
    assert [line.partition(" (asked for ")[0] for line in lines] == [
        "  NAT gateway hour in us-east-1: no product",
        f"  {zone.component} in global: 50 instead of 0.5, {unlikely} zone-month",
        "  NAT gateway hour in mars-north-1: AWS's name for its usage there is not known",
    ]
    assert lines[0].endswith(
        "(asked for AmazonEC2: usagetype=NatGateway-Hours, regionCode=us-east-1, "
        "productFamily=NAT Gateway)"
    )


def test_what_may_be_called_one_way_or_another_is_told_with_both(stack: Stacked) -> None:
    (logs,) = asked_for(stack, "AWS::Logs::LogGroup")
    with pytest.raises(NoPricesError, match="does not have the price; nothing") as raised:
        told([logs], dict.fromkeys(logs.questions(), ()), list_prices())
    assert raised.value.message.count("; or AmazonCloudWatch: usagetype=USE1-") == 1


@pytest.mark.parametrize("new", [True, False])
def test_advice_has_the_lines_to_go_on_with(stack: Stacked, tmp_path: Path, new: bool) -> None:
    each = asked_for(stack, GATEWAY)
    with pytest.raises(NoPricesError) as raised:
        told(each, dict.fromkeys(each[0].questions(), ()), list_prices())
    error = raised.value.advised(tmp_path / "prices.csv", "2026-11-30", new=new)
    _, *lines = error.hint.splitlines()
    head = ["component,unit,region,usd,source,source_date"] if new else []
    assert lines == [*head, "NAT gateway hour,NAT gateway-hour,us-east-1,,by hand,2026-11-30"]
    assert error.message == raised.value.message
