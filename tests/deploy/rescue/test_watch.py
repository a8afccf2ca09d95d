"""Looking on where nothing moves; tests/deploy/test_matrix.py has what does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tapgen.deploy.rescue import watch
from tapgen.deploy.rescue.watch import Watching
from tests.predicaments import data

if TYPE_CHECKING:
    import pytest

    from tests.lab import Lab


def test_a_run_that_is_at_work_is_waited_for(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["`tapgen deploy` of ann@here", "`tapgen deploy` of ann@here", None])
    monkeypatch.setattr(watch, "working", lambda _: next(answers))
    target = lab.target(data(lab))
    looking = Watching(target, target.graph)
    assert list(looking.run()) == []
    assert (looking.outcomes, list(answers)) == ({}, [])
