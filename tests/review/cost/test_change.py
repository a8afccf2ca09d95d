from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from tapgen.model.stack import Stack
from tapgen.review.cost.change import cost_change
from tapgen.review.cost.lines import Span, Unpriced
from tapgen.review.cost.quantities import Usage

Stacked = Callable[..., Stack]
GATEWAY, ADDRESS = Decimal("32.85"), Decimal("3.65")  # 730 hours at 0.045 and at 0.005


def dollars(amount: Decimal) -> Span:
    return Span(amount, amount)


def test_what_a_change_adds_by_layer_and_resource(stack: Stacked) -> None:
    before = [stack("AWS::EC2::NatGateway")]
    after = [stack("AWS::EC2::NatGateway", "AWS::EC2::EIP", "AWS::EC2::NatGateway")]
    found = cost_change(before, after, Usage())
    assert found.total == dollars(GATEWAY + ADDRESS)
    assert found.layers == {"data": dollars(GATEWAY + ADDRESS)}
    assert found.resources == {"data.R1": dollars(ADDRESS), "data.R2": dollars(GATEWAY)}
    assert found.unpriced == ()


def test_what_goes_is_less(stack: Stacked) -> None:
    found = cost_change([stack("AWS::EC2::EIP")], [], Usage())
    assert found.total == dollars(-ADDRESS)
    assert found.resources == {"data.R0": dollars(-ADDRESS)}


def test_what_stays_is_left_out(stack: Stacked) -> None:
    same = [stack("AWS::EC2::EIP", "AWS::RDS::DBInstance")]
    found = cost_change(same, same, Usage())
    assert (found.total, found.layers, found.resources) == (Span(), {}, {})
    assert found.unpriced == ()


def test_stacks_that_stay_are_estimated_once(stack: Stacked) -> None:
    one, other = stack("AWS::EC2::EIP"), stack("AWS::EC2::NatGateway", region="eu-west-1")
    found = cost_change([one, other], [other, one], Usage())
    assert found.before is found.after
    assert [line.type for line in found.after.lines] == ["AWS::EC2::NatGateway", "AWS::EC2::EIP"]


def test_what_comes_without_a_price_is_named(stack: Stacked) -> None:
    found = cost_change([], [stack("AWS::RDS::DBInstance")], Usage())
    assert found.unpriced == (Unpriced("data", "R0", "AWS::RDS::DBInstance"),)
    assert found.total == Span()


def test_usage_is_that_of_today_on_both_sides(stack: Stacked) -> None:
    kind = "AWS::ApiGateway::RestApi"
    used = Usage(1_000_000, 50, 5, 2_000)
    assert cost_change([stack(kind)], [stack(kind)], used).resources == {}
    assert cost_change([], [stack(kind)], used).total.low > 0
