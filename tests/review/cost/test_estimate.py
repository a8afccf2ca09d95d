from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tapgen.model.stack import Stack
from tapgen.payments.platform import PLATFORM
from tapgen.render.rendering import render
from tapgen.review.cost.basis import Basis
from tapgen.review.cost.components import NAT_HOUR
from tapgen.review.cost.estimate import estimate
from tapgen.review.cost.lines import Estimate, Origin, Span, Unpriced, assumptions, origins
from tapgen.review.cost.prices import Price, Prices, list_prices
from tapgen.review.cost.quantities import COUNTINGS, Around, Quantity, Resource, Usage
from tapgen.settings.store import load_all

Edit = Callable[[str, str, str], None]
Stacked = Callable[..., Stack]
NONE = Usage()


def costs(envs: Path, name: str, usage: Usage = NONE) -> Estimate:
    rendered = render(PLATFORM, load_all(envs, PLATFORM, [name]))
    return estimate(rendered.stacks[name], usage)


def lines(found: Estimate, kind: str) -> list[Span | None]:
    return [line.cost for line in found.lines if line.type == kind]


def test_the_platform_has_a_price_for_all_that_it_has(envs: Path) -> None:
    found = costs(envs, "prod", Usage(1_000_000, 50, 5, 2_000))
    assert found.unpriced == ()
    assert "storage of buckets, and requests to them" in found.unsaid
    assert found.total(by_usage=True).low > 0
    both = found.total(by_usage=True).plus(found.total(by_usage=False))
    assert round(both.high, 6) == round(found.total().high, 6)
    parts = [found.total(layer) for layer in found.layers]
    assert round(sum(part.low for part in parts), 6) == round(found.total().low, 6)
    assert found.layers[0] == "network"


def test_without_usage_nothing_follows_from_it(envs: Path) -> None:
    assert costs(envs, "dev").total(by_usage=True) == Span()


def test_nat_and_endpoints_are_what_a_small_environment_pays_for(envs: Path, edit: Edit) -> None:
    """Two zones: 32.85 for the gateway, 3.65 for its address; 5 endpoints x 2 zones x 7.30."""
    before = costs(envs, "dev").total()
    edit("dev", "  nat: none", "  nat: single\n  interface_endpoints: [sts, xray, logs, sqs, kms]")
    change = costs(envs, "dev").total().minus(before)
    assert change == Span(Decimal("109.5"), Decimal("109.5"))


def test_autoscaling_is_the_difference_between_low_and_high(envs: Path) -> None:
    """prod: 100 to 1,000 of each, on three tables and an index."""
    tables = lines(costs(envs, "prod"), "AWS::DynamoDB::Table")
    assert sum(span.low for span in tables if span) == Decimal("56.94") * 4
    assert sum(span.high for span in tables if span) == Decimal("569.4") * 4


def test_no_request_gets_to_what_checks_new_versions(envs: Path) -> None:
    """20 cents for a million requests: half for each of the two functions that serve."""
    found = costs(envs, "prod", Usage(requests=1_000_000, milliseconds=100, log_bytes=1_000))
    used = {
        line.logical_id: line.cost
        for line in found.lines
        if line.type == "AWS::Lambda::Function" and "requests" in str(line.component)
    }
    half = Span(Decimal("0.1"), Decimal("0.1"))
    assert used == {"PaymentProcessorFunction": half, "SessionManagerFunction": half}


def test_what_is_not_known_is_named_and_not_zero(stack: Stacked) -> None:
    found = estimate([stack("AWS::RDS::DBInstance", "AWS::IAM::Role")], Usage())
    assert found.unpriced == (Unpriced("data", "R0", "AWS::RDS::DBInstance"),)
    assert found.lines == ()


def test_a_component_without_a_price_in_a_region_is_named(stack: Stacked) -> None:
    usage = Usage(requests=1_000_000, log_bytes=1_000)
    kind = "AWS::KinesisFirehose::DeliveryStream"
    found = estimate([stack(kind, region="eu-west-1")], usage)
    (line,) = found.lines
    assert (line.cost, line.source) == (None, "")
    assert [one.what for one in found.unpriced] == [f"{line.component} in eu-west-1"]
    assert found.total() == Span()


def test_a_sum_says_whether_something_is_not_in_it(stack: Stacked) -> None:
    priced, unknown = stack("AWS::EC2::NatGateway"), stack("AWS::RDS::DBInstance")
    found = estimate([priced], NONE)
    assert (found.is_complete(), found.is_complete("data")) == (True, True)
    found = estimate([unknown], NONE)
    assert (found.is_complete(), found.is_complete("data")) == (False, False)
    assert found.is_complete("network")
    assert found.layers == ("data",)


def test_what_was_assumed_is_told_where_it_matters(stack: Stacked) -> None:
    month, usage = "A month has 730 hours.", "Usage is spread evenly"
    tables, callers = "A table on demand", "Callers of CloudFront"

    def told(*kinds: str, usage: Usage = NONE) -> list[str]:
        return [one.partition(".")[0] for one in assumptions([estimate([stack(*kinds)], usage)])]

    assert told() == []
    (only,) = told("AWS::EC2::NatGateway")
    assert month.startswith(only)
    used = Usage(1_000_000, 50, 5, 2_000)
    api = told("AWS::ApiGateway::RestApi", usage=used)
    assert [one for one in api if one.startswith(usage)]
    assert not [one for one in api if one.startswith((tables, callers))]
    assert [one for one in told("AWS::CloudFront::Distribution", usage=used) if callers in one]


def test_a_platform_counts_types_of_its_own_and_may_know_better(stack: Stacked) -> None:
    def gateways(_resource: Resource, _around: Around) -> Iterator[Quantity]:
        yield Quantity(NAT_HOUR, Decimal(10), Decimal(20))

    own: dict[str, Any] = {"Custom::Gateways": gateways, "AWS::EC2::NatGateway": gateways}
    found = estimate(
        [stack("Custom::Gateways", "AWS::EC2::NatGateway")], Usage(), Basis({**COUNTINGS, **own})
    )
    assert lines(found, "Custom::Gateways") == lines(found, "AWS::EC2::NatGateway")
    assert found.total() == Span(Decimal("0.9"), Decimal("1.8"))
    assert found.unpriced == ()


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1"])
def test_a_stack_is_charged_in_its_region(stack: Stacked, region: str) -> None:
    (line,) = estimate([stack("AWS::EC2::NatGateway", region=region)], Usage()).lines
    assert line.region == region
    assert line.cost == Span(*[Decimal("32.85" if region == "us-east-1" else "37.96")] * 2)


def test_where_prices_are_from_is_told_of_those_that_are_used(stack: Stacked) -> None:
    gateways = estimate([stack("AWS::EC2::NatGateway", "AWS::EC2::NatGateway")], Usage())
    (own,) = gateways.lines[:1]
    assert origins([gateways]) == (Origin("", 1, own.as_of, own.as_of),)
    with_ips = estimate([stack("AWS::EC2::NatGateway", "AWS::EC2::EIP")], Usage())
    (both,) = origins([gateways, with_ips])
    assert (both.prices, both.oldest) == (2, min(line.as_of for line in with_ips.lines))
    paid = {(NAT_HOUR.name, "us-east-1"): Price(Decimal(1), "ours", "2030-01", "prices.csv")}
    ours = Basis(prices=list_prices().under(paid))
    found = origins([estimate([stack("AWS::EC2::NatGateway", "AWS::EC2::EIP")], Usage(), ours)])
    assert [(one.file, one.prices) for one in found] == [("prices.csv", 1), ("", 1)]
    assert (found[0].oldest, found[0].newest) == ("2030-01", "2030-01")


def test_a_source_without_a_day_has_none(stack: Stacked) -> None:
    undated = {(NAT_HOUR.name, "us-east-1"): Price(Decimal(1), "ours", "once")}
    ours = Basis(prices=Prices(undated))
    found = estimate([stack("AWS::EC2::NatGateway", "AWS::EC2::EIP")], Usage(), ours)
    assert origins([found]) == (Origin("", 1, "", ""),)
    assert origins([]) == ()
