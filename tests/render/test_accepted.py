from __future__ import annotations

from tapgen.render.accepted import INLINE_POLICY, accepted, because


def test_each_rule_is_accepted_with_its_reason() -> None:
    found = accepted(because("A cache.", "retained-data", "CKV_AWS_28"), because("Small.", "tags"))
    assert found == {
        "tapgen": {
            "Accepted": {"CKV_AWS_28": "A cache.", "retained-data": "A cache.", "tags": "Small."}
        }
    }
    assert list(found["tapgen"]["Accepted"]) == sorted(found["tapgen"]["Accepted"])


def test_a_later_reason_for_the_same_rule_stands() -> None:
    found = accepted(INLINE_POLICY, because("Made by AWS.", *INLINE_POLICY))
    assert found["tapgen"]["Accepted"] == {"IAM_NO_INLINE_POLICY_CHECK": "Made by AWS."}
