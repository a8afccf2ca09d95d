"""`tapgen status` where nothing is deployed; tests/deploy shows it at work."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tapgen.payments.layers.registry import LAYERS

pytestmark = pytest.mark.slow


def test_what_is_not_deployed_is_absent(local_tapgen: Any) -> None:
    ran = local_tapgen("status")
    assert (ran.code, ran.err) == (0, "")
    rows = [line.split() for line in ran.out.splitlines()[1:]]
    assert [row[0] for row in rows] == [layer.name for layer in LAYERS]
    assert {row[3] for row in rows} == {"ABSENT"}


def test_one_layer_as_json(local_tapgen: Any) -> None:
    ran = local_tapgen("status", "--layer", "data", "--format", "json")
    assert list(json.loads(ran.out)["environments"]["dev"]) == ["data"]


def test_a_layer_that_does_not_exist_is_wrong_usage(local_tapgen: Any) -> None:
    ran = local_tapgen("status", "--layer", "dta")
    assert (ran.code, ran.out) == (2, "")
    assert "Did you mean data?" in ran.err
