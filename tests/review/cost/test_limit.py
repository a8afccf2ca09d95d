from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tapgen.model.stack import Stack
from tapgen.payments.platform import PLATFORM
from tapgen.review.cost.components import NAT_HOUR
from tapgen.review.cost.limit import excess
from tapgen.review.cost.price_file import Row, text_of
from tapgen.settings.base import Cost

Stacked = Callable[..., Stack]


@pytest.mark.parametrize("limit", [None, 33, 1_000])
def test_within_its_limit_there_is_nothing_to_say(stack: Stacked, limit: int | None) -> None:
    made = [stack("AWS::EC2::NatGateway")]  # 730 hours at 0.045: 32.85
    assert excess(PLATFORM, made, Cost(monthly_limit=limit)) == ""


def test_above_it_that_is_said_with_what_is_not_counted(stack: Stacked) -> None:
    gateways = ["AWS::EC2::NatGateway"] * 40
    said = excess(PLATFORM, [stack(*gateways)], Cost(monthly_limit=1_313))
    assert said == ("it may cost 1,314.00 US dollars a month, and cost.monthly_limit is 1,313")
    more = [stack(*gateways, "AWS::RDS::DBInstance")]
    assert "a month, without the parts that have no known price, and" in excess(
        PLATFORM, more, Cost(monthly_limit=1_313)
    )


def test_the_most_that_it_may_cost_counts_and_usage_too(stack: Stacked) -> None:
    api = [stack("AWS::ApiGateway::RestApi")]
    assert excess(PLATFORM, api, Cost(monthly_limit=1)) == ""
    assert excess(PLATFORM, api, Cost(monthly_limit=1, requests_per_month=1_000_000))


def test_what_the_project_pays_counts(stack: Stacked, tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    paid = Row(NAT_HOUR.name, NAT_HOUR.unit, "us-east-1", Decimal(1), "ours", "2026-11")
    file.write_text(text_of([paid]))
    gateway, limit = [stack("AWS::EC2::NatGateway")], Cost(monthly_limit=500)
    assert excess(PLATFORM, gateway, limit) == ""
    assert "it may cost 730.00 US dollars" in excess(
        replace(PLATFORM, prices=str(file)), gateway, limit
    )
