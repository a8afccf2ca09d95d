from __future__ import annotations

from typing import Any

import pytest

from tapgen.model.templates.stack_policy import NO_POLICY, is_ours, stack_policy

ALLOW = NO_POLICY["Statement"][0]
DENY = stack_policy(["Table"], protected=True)["Statement"][1]


@pytest.mark.parametrize("protected", [True, False])
@pytest.mark.parametrize("names", [[], ["Table"], ["B", "A"]])
def test_what_tapgen_sets_is_known(names: list[str], *, protected: bool) -> None:
    assert is_ours(stack_policy(names, protected=protected))


@pytest.mark.parametrize(
    "policy",
    [
        {},
        {"Statement": []},
        {"Statement": [{**ALLOW, "Effect": "Deny"}]},
        {"Statement": [ALLOW, {**DENY, "Action": ["Update:*"]}]},
        {"Statement": [ALLOW, {**DENY, "Resource": "*"}]},
        {"Statement": [ALLOW, DENY, DENY]},
        {"Statement": [DENY]},
    ],
)
def test_what_somebody_sets_by_hand_is_not(policy: dict[str, Any]) -> None:
    assert not is_ours(policy)
