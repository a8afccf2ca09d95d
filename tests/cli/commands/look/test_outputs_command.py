"""`tapgen outputs` where nothing is deployed; test_deploy_command.py shows it with outputs."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("form", ["table", "json", "flat", "dotenv"])
def test_where_nothing_is_deployed_there_are_none(local_tapgen: Any, form: str) -> None:
    ran = local_tapgen("outputs", "--format", form)
    assert ran.code == 1
    assert ('"kind": "failed"' in ran.out) if form == "json" else not ran.out
    assert "no layer of dev is deployed\nnext: Deploy it: `tapgen deploy --env dev" in ran.err
