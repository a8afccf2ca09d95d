from __future__ import annotations

import pytest

from tapgen.iam.reference import arn_format, known, resource_types


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("dynamodb:PutItem", True),
        ("dynamodb:putitem", True),  # IAM takes both
        ("dynamodb:PutItems", False),
        ("nosuchservice:PutItem", False),
    ],
)
def test_actions_are_known_by_name(action: str, expected: bool) -> None:
    assert known(action) is expected


def test_an_action_is_limited_to_types_or_to_nothing() -> None:
    assert resource_types("dynamodb:PutItem") == ("table",)
    assert resource_types("ec2:DescribeVpcs") == ()
    assert resource_types("nosuchservice:PutItem") == ()


def test_an_arn_ends_where_the_name_begins() -> None:
    assert arn_format("dynamodb", "table") == (
        "arn:${Partition}:dynamodb:${Region}:${Account}:table/"
    )
