"""What is said of costs that the shipped project does not have."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from tapgen.cli.views.cost import diff_parts, show
from tapgen.operations.spending import Costs
from tapgen.review.cost.change import cost_change
from tapgen.review.cost.estimate import estimate
from tapgen.review.cost.prices import list_prices
from tapgen.review.cost.quantities import Usage
from tests.small_stacks import MakeStack, MakeTemplate

if TYPE_CHECKING:
    import pytest


def test_a_layer_of_which_one_resource_changes_has_no_row_of_its_own(
    make_stack: MakeStack, make_template: MakeTemplate
) -> None:
    after = [make_stack(template=make_template(Address="AWS::EC2::EIP"))]
    sums, making = diff_parts({"dev": cost_change([], after, Usage(), None)}, "main", 0)
    assert sums.rows == [["dev", "0.00", "3.65", "+3.65"]]  # 730 hours at 0.005
    assert making.rows == [["data.Address", "+3.65", "dev"]]


def test_what_comes_without_a_price_is_told_where_nothing_else_changes(
    make_stack: MakeStack, make_template: MakeTemplate
) -> None:
    after = [make_stack(template=make_template(Base="AWS::RDS::DBInstance"))]
    (unpriced,) = diff_parts({"dev": cost_change([], after, Usage(), None)}, "main", 0)
    assert unpriced.rows == [["data.Base", "AWS::RDS::DBInstance", "dev"]]


def test_where_everything_is_counted_that_is_not_said(
    make_stack: MakeStack, make_template: MakeTemplate, capsys: pytest.CaptureFixture[str]
) -> None:
    found = estimate([make_stack(template=make_template(Address="AWS::EC2::EIP"))], Usage())
    show(Costs({"dev": found}, list_prices()), "markdown", 0)
    told = capsys.readouterr().out
    assert "Not counted" not in told
    assert "A month has 730 hours." in told


def test_a_spreadsheet_names_once_what_has_no_price(
    make_stack: MakeStack, make_template: MakeTemplate, capsys: pytest.CaptureFixture[str]
) -> None:
    template = make_template(Base="AWS::RDS::DBInstance", Gateway="AWS::EC2::NatGateway")
    found = estimate([make_stack(template=template, region="eu-north-1")], Usage())
    show(Costs({"dev": found}, list_prices()), "csv", 0)
    gateway, base = csv.DictReader(capsys.readouterr().out.splitlines())
    assert (gateway["resource"], gateway["quantity_low"]) == ("Gateway", "730.0")
    named = {"environment": "dev", "layer": "data", "resource": "Base"}
    filled = {field: value for field, value in base.items() if value}
    assert filled == {**named, "type": "AWS::RDS::DBInstance"}
