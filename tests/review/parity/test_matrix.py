from __future__ import annotations

from pathlib import Path

import pytest

from tapgen.payments.layers.registry import LAYERS
from tapgen.payments.platform import PLATFORM
from tapgen.render.rendering import render
from tapgen.review.parity.comparison import compare
from tapgen.review.parity.matrix import matrix
from tapgen.settings.environment import Environment
from tapgen.settings.store import load_all
from tests.conftest import ENVS


@pytest.fixture
def environments(tmp_path: Path) -> tuple[Environment, ...]:
    """The shipped ones, dev without a domain."""
    for path in ENVS.glob("*.yaml"):
        text = path.read_text().replace("domain: dev.api.example.com\n", "")
        (tmp_path / path.name).write_text(text)
    return load_all(tmp_path, PLATFORM)


def test_every_layer_in_every_environment(environments: tuple[Environment, ...]) -> None:
    rendered = render(PLATFORM, environments)
    rows = matrix(environments, rendered, compare(PLATFORM, rendered.stacks))
    assert tuple(row.layer for row in rows) == LAYERS
    assert {tuple(cell.environment for cell in row.cells) for row in rows} == {
        ("dev", "staging", "prod")
    }
    zone = next(row for row in rows if row.layer.name == "zone")
    assert [cell.reason for cell in zone.cells] == ["domain is not set", "", ""]
    assert [cell.stack and cell.stack.name for cell in zone.cells] == [
        None,
        "payments-staging-zone",
        "payments-prod-zone",
    ]
    assert zone.parity
    assert zone.parity.same_template


def test_a_layer_that_nobody_has(environments: tuple[Environment, ...]) -> None:
    rendered = render(PLATFORM, environments[:1])
    rows = matrix(environments[:1], rendered, compare(PLATFORM, rendered.stacks))
    absent = [row.layer.name for row in rows if row.parity is None]
    assert absent == ["zone", "certificate", "dns"]
