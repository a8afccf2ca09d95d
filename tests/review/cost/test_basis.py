from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tapgen.errors import TapgenError
from tapgen.payments.platform import PLATFORM
from tapgen.review.cost.basis import Basis, basis_of
from tapgen.review.cost.components import NAT_HOUR
from tapgen.review.cost.price_file import PriceFaults, Row, text_of
from tapgen.review.cost.prices import list_prices
from tapgen.review.cost.quantities import COUNTINGS, FREE, Around, Counting, Resource


def nothing(_resource: Resource, _around: Around) -> object:
    return ()


OWN = {"AWS::EC2::NatGateway": nothing, "Custom::Gateway": nothing}
WRONG = {"AWS::EC2::NatGateway": 1}


def test_without_more_it_is_what_comes_with_tapgen() -> None:
    assert Basis() == Basis(COUNTINGS, list_prices())
    assert basis_of(replace(PLATFORM, costs="")) == Basis()


def test_the_platform_counts_types_of_its_own_and_may_know_better() -> None:
    platform = replace(PLATFORM, costs="tests.review.cost.test_basis:OWN")
    found: dict[str, Counting] = dict(basis_of(platform).countings)
    assert found == {**COUNTINGS, **OWN}
    assert "Custom::Gateway" not in FREE


def test_what_is_no_counting_is_told() -> None:
    platform = replace(PLATFORM, costs="tests.review.cost.test_basis:WRONG")
    with pytest.raises(TapgenError, match="must be a mapping of texts to Countings"):
        basis_of(platform)


def test_the_prices_of_the_project_win(tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    row = Row(NAT_HOUR.name, NAT_HOUR.unit, "us-east-1", Decimal("0.04"), "ours", "2026-11")
    file.write_text(text_of([row]))
    prices = basis_of(replace(PLATFORM, prices=str(file))).prices
    found = prices.of(NAT_HOUR, "us-east-1")
    assert found is not None
    assert (found.usd, found.file) == (Decimal("0.04"), str(file))
    other = prices.of(NAT_HOUR, "eu-west-1")
    assert other == list_prices().of(NAT_HOUR, "eu-west-1")


def test_a_file_that_is_wrong_is_not_passed_by(tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_text("x\n")
    with pytest.raises(PriceFaults, match=r"prices\.csv:1:1"):
        basis_of(replace(PLATFORM, prices=str(file)))
