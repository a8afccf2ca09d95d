"""`tapgen plan` of an environment that is not there yet; tests/deploy plans changes."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.slow


def test_what_can_be_planned_is_and_the_rest_is_pending(local_tapgen: Any) -> None:
    ran = local_tapgen("plan", "--layer", "zone", "--layer", "dns", "--exit-code")
    assert ran.code == 3
    lines = ran.out.splitlines()
    assert lines[0] == "Plan for dev"
    assert lines[1].startswith("  zone           create, ")
    assert lines[2].strip().startswith("dns            pending: needs zone.HostedZoneId")
    assert lines[-1] == "2 of 2 stacks would change"
    status = local_tapgen("status", "--layer", "zone", "--format", "json")
    (stacks,) = json.loads(status.out)["environments"].values()
    assert stacks["zone"]["status"] == "ABSENT"  # nothing stays of a plan


def test_as_json_with_0_where_no_code_is_asked_for(local_tapgen: Any) -> None:
    ran = local_tapgen("plan", "--layer", "zone", "--format", "json", "--quiet")
    assert (ran.code, ran.err) == (0, "")
    record = json.loads(ran.out)
    assert record["environments"]["dev"]["zone"]["kind"] == "Planned"
