"""What was estimated is found again, as long as all that it depends on is the same."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tapgen.payments.platform import PLATFORM
from tapgen.render.memory import evidence
from tapgen.render.memory.store import Store
from tapgen.review.cost.lines import Estimate, Line, Span, Unpriced
from tapgen.review.cost.remembered import Estimating, Known

LINE = Line(
    "data", "A", "AWS::EC2::EIP", "c", "hour", "us-east-1", Span(Decimal(7), Decimal(9)), None
)
PAID = replace(
    LINE, cost=Span(Decimal("0.10"), Decimal("0.0000133334")), by_usage=True, source="s", file="f"
)
ONE = Estimate((LINE, PAID), (Unpriced("data", "A", "c in us-east-1"),), ("messages",))
FOUND = Known({"dev": ONE, "prod": Estimate(), "qa": replace(ONE)}, ("Robot",))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """One that trusts whatever files there are, however young."""
    monkeypatch.setattr(evidence, "settled", lambda _: True)
    return Store(tmp_path / "cache")


def asked(store: Store | None, envs: Path, *names: str, platform: Any = PLATFORM) -> Estimating:
    return Estimating(store, platform, envs, names)


def test_it_comes_back_as_it_was(store: Store, envs: Path) -> None:
    assert asked(store, envs).known() is None
    asked(store, envs).keep(FOUND)
    known = asked(store, envs).known()
    assert known == FOUND
    assert known is not None
    assert known.environments["dev"] is known.environments["qa"]


def test_another_question_has_another_answer(store: Store, envs: Path) -> None:
    asked(store, envs).keep(FOUND)
    assert asked(store, envs, "dev").known() is None
    assert asked(store, envs, platform=replace(PLATFORM, prices="prices.csv")).known() is None
    (envs / "dev.yaml").write_text((envs / "dev.yaml").read_text() + "# edited\n")
    assert asked(store, envs).known() is None


def test_settings_that_are_edited_meanwhile_are_not_remembered(store: Store, envs: Path) -> None:
    past = asked(store, envs)
    (envs / "dev.yaml").write_text((envs / "dev.yaml").read_text() + "# edited\n")
    past.keep(FOUND)
    assert asked(store, envs).known() is None


def test_prices_are_evidence(store: Store, envs: Path, tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_text("a")
    evidence.rely_on([str(file)])
    asked(store, envs).keep(FOUND)
    assert asked(store, envs).known() == FOUND
    file.write_text("ab")
    assert asked(store, envs).known() is None


def test_without_a_store_nothing_is_known(envs: Path) -> None:
    asked(None, envs).keep(FOUND)
    assert asked(None, envs).known() is None
