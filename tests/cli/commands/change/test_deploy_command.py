"""`tapgen deploy` of one small layer; tests/deploy deploys everything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import ended

pytestmark = pytest.mark.slow


def test_deploy_look_and_destroy(local_tapgen: Any, tmp_path: Path) -> None:
    deployed = local_tapgen("deploy", "--layer", "zone", "--yes")
    assert deployed.code == 0, deployed.err
    assert "  zone           create, " in deployed.err
    assert "HostedZoneId" in deployed.out

    again = local_tapgen("deploy", "--layer", "zone", "--format", "json")  # nothing to confirm
    assert again.code == 0
    assert ended(again)["zone"]["kind"] == "Unchanged"

    shown = local_tapgen("outputs", "--format", "json")
    outputs = json.loads(shown.out)["layers"]["zone"]
    assert outputs["DelegationRecorded"] == "false"
    flat = local_tapgen("outputs", "--format", "flat", "--out", str(tmp_path / "found.json"))
    path = tmp_path / "found.json"
    assert flat == (0, f"wrote {path}\n", "")
    facts = json.loads(path.read_text())
    assert facts["zone.HostedZoneId"] == outputs["HostedZoneId"]
    assert (facts["environment"], facts["region"]) == ("dev", "us-east-1")
    assert facts["endpoint_url"].startswith("http://127.0.0.1:")

    declined = local_tapgen("destroy", "--layer", "zone")  # no terminal to ask
    assert declined.code == 2
    kept = local_tapgen("destroy", "--layer", "zone", "--yes")
    assert kept.code == 0
    assert outputs["HostedZoneId"] in kept.out
    assert "`tapgen destroy --env dev --layer zone --purge-data " in kept.err
    assert "` deletes them permanently" in kept.err

    nothing = local_tapgen("destroy", "--layer", "zone")  # nothing to confirm
    assert nothing == (0, "", "dev: nothing to destroy, there is no stack.\n")
