"""One price out of products: AWS has tiers, reservations, twins and free tiers beside it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tapgen.review.cost.price_list import Listed, NoSinglePriceError, listed_price
from tapgen.review.cost.queries import queries
from tests.price_list import product

READS = queries()["DynamoDB provisioned read capacity (Standard)"]
USAGE = {"usagetype": "ReadCapacityUnit-Hrs"}


def price(*products: Any, component: str = "") -> Decimal:
    return listed_price(queries()[component] if component else READS, products).usd


def test_the_first_tier_that_costs_something_counts() -> None:
    found = product(USAGE, ("18600", "0.00013"), ("0", "0"), ("99999", "0.0001"))
    assert listed_price(READS, [found]) == Listed(Decimal("0.00013"), "2026-11-20")


def test_tiers_are_in_the_order_of_numbers() -> None:
    assert price(product(USAGE, ("1000", "0.1"), ("90", "0.2"))) == Decimal("0.2")


def test_a_component_may_be_a_later_tier() -> None:
    zones = product({"usagetype": "HostedZone"}, ("0", "0.5"), ("25", "0.1"))
    assert price(zones, component="Route 53 hosted zone (first 25)") == Decimal("0.5")
    assert price(zones, component="Route 53 hosted zone (over 25)") == Decimal("0.1")


def test_units_become_those_of_the_table() -> None:
    calls = product({"usagetype": "USE1-ApiGatewayRequest"}, ("0", "0.0000035000"))
    component = "API Gateway REST API calls (first 333 million)"
    assert str(price(calls, component=component)) == "3.5"


def test_reservations_and_other_offers_are_passed_by() -> None:
    own = product(USAGE, ("0", "0.2"))
    reserved = product(USAGE, ("0", "0.01"))["terms"]["OnDemand"]
    own["terms"]["Reserved"] = reserved
    other = product(USAGE, ("0", "0.03"), term="A429C66SYZ")
    assert price(own, other) == Decimal("0.2")


def test_twins_are_one() -> None:
    assert price(product(USAGE, ("0", "0.2")), product(USAGE, ("0", "0.20"))) == Decimal("0.2")


def test_a_product_of_a_free_tier_comes_along() -> None:
    free = product({"usagetype": "Global-ReadCapacityUnit-Hrs"}, ("0", "0.7"))
    assert price(free, product(USAGE, ("0", "0.2"))) == Decimal("0.2")
    with pytest.raises(NoSinglePriceError, match=r"^no product$"):
        price(free)


def test_the_newest_publication_is_told() -> None:
    old = product(USAGE, ("0", "0.2"), publicationDate="2025-01-31T00:00:00Z")
    assert listed_price(READS, [product(USAGE, ("0", "0.2")), old]).as_of == "2026-11-20"
    assert listed_price(READS, [old]).as_of == "2025-01-31"


def test_none_is_no_price() -> None:
    with pytest.raises(NoSinglePriceError, match=r"^no product$"):
        price()


@pytest.mark.parametrize(
    "nothing",
    [
        product(USAGE),
        product(USAGE, ("0", "0")),
        {**product(USAGE), "terms": {}},
        {**product(USAGE), "terms": {"Reserved": product(USAGE, ("0", "1"))["terms"]["OnDemand"]}},
    ],
)
def test_a_product_without_a_price_on_demand_is_named(nothing: Any) -> None:
    nothing["product"]["sku"] = "ABC"
    with pytest.raises(NoSinglePriceError, match=r"^no price above zero \(ReadC.*Hrs, SKU ABC\)$"):
        price(nothing)


def test_a_price_in_another_currency_is_none() -> None:
    found = product(USAGE, ("0", "0.2"))
    (offer,) = found["terms"]["OnDemand"].values()
    (tier,) = offer["priceDimensions"].values()
    tier["pricePerUnit"] = {"CNY": "1.4"}
    with pytest.raises(NoSinglePriceError, match="no price above zero"):
        price(found)


def test_several_prices_are_told_with_their_products() -> None:
    one, other = product(USAGE, ("0", "0.2")), product(USAGE, ("0", "0.1"))
    one["product"]["sku"], other["product"]["sku"] = "ABC", "DEF"
    with pytest.raises(NoSinglePriceError) as told:
        price(one, other)
    assert str(told.value) == (
        "several prices, 0.1 (ReadCapacityUnit-Hrs, SKU DEF) and "
        "0.2 (ReadCapacityUnit-Hrs, SKU ABC)"
    )


def test_what_is_no_number_is_told() -> None:
    with pytest.raises(NoSinglePriceError, match="'free' instead of a number"):
        price(product(USAGE, ("0", "free")))
