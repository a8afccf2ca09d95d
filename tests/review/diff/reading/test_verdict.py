from __future__ import annotations

from typing import Any

import pytest

from tapgen.review.diff.reading.verdict import fails
from tapgen.review.diff.report import (
    Comparison,
)
from tests.review.diff.made import both, resource, table


@pytest.mark.parametrize(
    ("before", "after", "failing"),
    [
        ({"T": table()}, {"T": table(key="other")}, {"any", "replacement", "data-loss"}),
        ({"T": table()}, {}, {"any", "data-loss", "replacement"}),
        ({"T": resource("AWS::SNS::Topic", TopicName="a")},
         {"T": resource("AWS::SNS::Topic", TopicName="b")}, {"any", "replacement"}),
        ({"T": resource("Custom::T", A=1)}, {"T": resource("Custom::T", A=2)},
         {"any", "replacement"}),
        ({"T": resource("AWS::Cognito::UserPool", UserPoolName="a")},
         {"T": resource("AWS::Cognito::UserPool", UserPoolName="a", AliasAttributes=["email"])},
         {"any", "replacement", "data-loss"}),
        ({}, {"T": resource("AWS::SNS::Topic")}, {"any"}),
        ({}, {}, set()),
    ],
)  # fmt: skip
def test_limits(before: dict[str, Any], after: dict[str, Any], failing: set[str]) -> None:
    comparison = Comparison("x", {"prod": both(before, after)})
    limits = ("any", "replacement", "data-loss", None)
    assert {limit for limit in limits if fails(comparison, limit)} == failing
    assert fails(comparison, "unprotect") == ("data-loss" in failing)  # nothing else is in these
