"""What is said of costs that the shipped project does not have."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tapgen.cli.views.cost import diff_parts, show
from tapgen.operations.spending import Costs
from tapgen.review.cost.basis import Basis
from tapgen.review.cost.change import cost_change
from tapgen.review.cost.estimate import estimate
from tapgen.review.cost.lines import Estimate
from tapgen.review.cost.prices import Price, Prices
from tapgen.review.cost.quantities import Usage
from tapgen.review.cost.refresh import Refreshed
from tests.small_stacks import MakeStack, MakeTemplate

if TYPE_CHECKING:
    import pytest


def test_a_layer_of_which_one_resource_changes_has_no_row_of_its_own(
    make_stack: MakeStack, make_template: MakeTemplate
) -> None:
    after = [make_stack(template=make_template(Address="AWS::EC2::EIP"))]
    sums, making = diff_parts({"dev": cost_change([], after, Usage())}, "main", 0)
    assert sums.rows == [["dev", "0.00", "3.65", "+3.65"]]  # 730 hours at 0.005
    assert making.rows == [["data.Address", "+3.65", "dev"]]


def test_what_comes_without_a_price_is_told_where_nothing_else_changes(
    make_stack: MakeStack, make_template: MakeTemplate
) -> None:
    after = [make_stack(template=make_template(Base="AWS::RDS::DBInstance"))]
    (unpriced,) = diff_parts({"dev": cost_change([], after, Usage())}, "main", 0)
    assert unpriced.rows == [["data.Base", "AWS::RDS::DBInstance", "dev"]]


def test_where_everything_is_counted_that_is_not_said(
    make_stack: MakeStack, make_template: MakeTemplate, capsys: pytest.CaptureFixture[str]
) -> None:
    found = estimate([make_stack(template=make_template(Address="AWS::EC2::EIP"))], Usage())
    show(Costs({"dev": found}), "markdown", 0)
    told = capsys.readouterr().out
    assert "Not counted" not in told
    assert "A month has 730 hours." in told


def test_a_spreadsheet_names_once_what_has_no_price(
    make_stack: MakeStack, make_template: MakeTemplate, capsys: pytest.CaptureFixture[str]
) -> None:
    template = make_template(Base="AWS::RDS::DBInstance", Gateway="AWS::EC2::NatGateway")
    found = estimate([make_stack(template=template, region="eu-north-1")], Usage())
    show(Costs({"dev": found}), "csv", 0)
    gateway, base = csv.DictReader(capsys.readouterr().out.splitlines())
    assert (gateway["resource"], gateway["quantity_low"]) == ("Gateway", "730.0")
    named = {"environment": "dev", "layer": "data", "resource": "Base"}
    filled = {field: value for field, value in base.items() if value}
    assert filled == {**named, "type": "AWS::RDS::DBInstance"}


def test_where_nothing_has_a_price_no_age_is_told(
    make_stack: MakeStack, make_template: MakeTemplate, capsys: pytest.CaptureFixture[str]
) -> None:
    found = estimate([make_stack(template=make_template(Base="AWS::RDS::DBInstance"))], Usage())
    show(Costs({"dev": found}), "json", 0)
    none: dict[str, Any] = {"oldest": None, "newest": None, "origins": []}
    assert json.loads(capsys.readouterr().out)["prices"] == none


def test_a_price_without_a_day_is_told_so(
    make_stack: MakeStack, make_template: MakeTemplate, capsys: pytest.CaptureFixture[str]
) -> None:
    undated = {("NAT gateway hour", "eu-west-1"): Price(Decimal(1), "ours", "")}
    stack = make_stack(template=make_template(Gateway="AWS::EC2::NatGateway"))
    found = estimate([stack], Usage(), Basis(prices=Prices(undated)))
    show(Costs({"dev": found}), "text", 0)
    assert "1 price from tapgen's own table, dated unknown." in capsys.readouterr().err


def test_a_refresh_without_a_question_and_what_nobody_could_ask_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    refreshed = Refreshed(Path("prices.csv"), (), (), without=("Robot", "Ship"))
    show(Costs({"dev": Estimate()}, refreshed=refreshed), "text", 0)
    told = capsys.readouterr()
    assert "prices.csv has 0 prices from AWS's Price List." in told.err
    assert "Not fetched from AWS, because tapgen has no query for them: Robot; Ship." in (told.err)
    assert "Prices that have changed" not in told.out


def test_of_many_environments_those_that_cost_the_same_share_a_row(
    make_stack: MakeStack, make_template: MakeTemplate, capsys: pytest.CaptureFixture[str]
) -> None:
    address = estimate([make_stack(template=make_template(Address="AWS::EC2::EIP"))], Usage())
    some = {f"qa{number}": address for number in range(6)}
    show(Costs(some), "text", 0)
    assert "layer     qa0   qa1" in capsys.readouterr().out
    show(Costs({**some, "prod": Estimate()}), "text", 0)
    assert capsys.readouterr().out.splitlines()[1:] == [
        "environment                   fixed  by usage  total",
        "qa0, qa1, qa2, qa3, qa4, qa5  3.65   0.00      3.65",
        "prod                          0.00   0.00      0.00",
    ]
