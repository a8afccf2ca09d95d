from __future__ import annotations

from typing import Any

import pytest

from tapgen.model.changes.secrets import MASK
from tapgen.model.layer import OutputRef
from tapgen.review.parity.staleness import StaleInput, stale_inputs
from tests.small_stacks import MakeStack

KEY, ZONE = OutputRef("data", "KeyArn"), OutputRef("zone", "Id", environment="prod")
NOW = {"data": {"KeyArn": "new"}, "prod.zone": {"Id": "Z1"}}


@pytest.mark.parametrize(
    ("deployed", "outputs", "expected"),
    [
        ({"Key": "new", "Zone": "Z1"}, NOW, ()),
        ({"Key": "old", "Zone": "Z1"}, NOW, (StaleInput("Key", KEY, "old", "new"),)),
        (
            {"Key": "old", "Zone": "Z0"},
            NOW,
            (StaleInput("Key", KEY, "old", "new"), StaleInput("Zone", ZONE, "Z0", "Z1")),
        ),
        ({"Key": "old", "Zone": "Z0"}, {}, ()),  # nobody knows what is given now
        ({"Key": MASK, "Zone": "Z1"}, NOW, ()),  # a secret is not told
        ({"Zone": "Z1"}, NOW, ()),  # nor what the stack does not have yet
    ],
)
def test_an_input_is_stale_where_its_source_gives_something_else(
    make_stack: MakeStack, deployed: dict[str, str], outputs: Any, expected: tuple[StaleInput, ...]
) -> None:
    stack = make_stack(inputs={"Zone": ZONE, "Key": KEY})
    assert stale_inputs(stack, deployed, outputs) == expected
