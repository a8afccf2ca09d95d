"""`tapgen watch`, while another process deploys."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.conftest import ended

pytestmark = pytest.mark.slow


def test_watch_follows_another_run_to_its_end(at_work: Any) -> None:
    ran = at_work("watch")
    assert ran.code == 0
    assert "zone           create started" in ran.err
    assert "zone   created" in ran.err


def test_where_nothing_is_in_progress_there_is_nothing_to_do(local_tapgen: Any) -> None:
    for command in ("watch", "cancel"):
        ran = local_tapgen(command)
        assert (ran.code, ran.out, ran.err) == (0, "", "Nothing is in progress.\n")
    assert ended(local_tapgen("watch", "--format", "json")) == {}
