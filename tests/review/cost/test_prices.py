from __future__ import annotations

import csv
from decimal import Decimal

import pytest

from tapgen.review.cost import components
from tapgen.review.cost.prices import GLOBAL, Component, Price, list_prices, units
from tests.paths import ROOT

TABLE = (ROOT / "tapgen" / "review" / "cost" / "prices.csv").read_text(encoding="utf-8")
ROWS = list(csv.DictReader(TABLE.splitlines()))
COMPONENTS = [
    *(one for one in vars(components).values() if isinstance(one, Component)),
    *components.FUNCTION_SECONDS.values(),
]


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda one: one.name)
def test_a_component_is_in_the_table_by_name_and_unit(component: Component) -> None:
    assert (component.name, component.unit) in {(row["component"], row["unit"]) for row in ROWS}


def test_a_price_has_a_source_and_a_cell_without_one_is_no_price() -> None:
    empty = {(row["component"], row["region"]) for row in ROWS if not row["usd"]}
    known = list_prices().known
    assert empty
    assert len(known) == len(ROWS) - len(empty)
    assert empty.isdisjoint(known)
    assert all(price.source and price.usd >= 0 for price in known.values())


def test_a_region_has_its_price_and_what_has_none_that_of_everywhere() -> None:
    table = list_prices()
    paris = table.of(components.NAT_HOUR, "eu-central-1")
    assert paris is not None
    assert paris.usd == Decimal("0.052")
    zone = table.of(components.ZONE, "eu-central-1")
    assert zone is not None
    assert zone == table.known[components.ZONE.name, GLOBAL]
    assert table.of(components.NAT_HOUR, "mars-north-1") is None


def test_what_is_charged_elsewhere_has_the_price_of_there() -> None:
    found = list_prices().of(components.CDN_OUT, "eu-central-1")
    assert found is not None
    assert found.usd == Decimal("0.085")


def test_the_prices_of_a_project_win_and_an_empty_one_is_no_price() -> None:
    own = Price(Decimal("0.04"), "an agreement", "2026-11", "prices.csv")
    key, other = ("NAT gateway hour", "us-east-1"), ("NAT gateway hour", "us-east-2")
    table = list_prices().under({key: own, other: None})
    assert table.of(components.NAT_HOUR, "us-east-1") is own
    assert table.of(components.NAT_HOUR, "us-east-2") is None
    assert table.known == {
        **{place: price for place, price in list_prices().known.items() if place != other},
        key: own,
    }


def test_a_component_has_one_unit() -> None:
    assert units() == {row["component"]: row["unit"] for row in ROWS}
    assert len({(row["component"], row["unit"]) for row in ROWS}) == len(units())
