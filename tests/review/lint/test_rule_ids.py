from __future__ import annotations

import pytest

from tapgen.review.lint.rule_ids import ALL, CHECKOV, ENGINE, GUARD, OWN


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("retained-data", OWN),
        ("tags", OWN),
        ("W3037", ENGINE),
        ("E1001", ENGINE),
        ("CKV_AWS_18", CHECKOV),
        ("CKV2_AWS_5", CHECKOV),
        ("DYNAMODB_PITR_ENABLED", GUARD),
        ("T001", None),  # tapgen's own go by their names
        ("CKV_18", None),
        ("Tags", None),
    ],
)
def test_a_name_tells_whose_rule_it_is(name: str, whose: object) -> None:
    assert [one for one in ALL if one.fullmatch(name)] == ([whose] if whose else [])
