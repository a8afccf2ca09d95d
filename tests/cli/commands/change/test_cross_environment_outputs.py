"""A setting that is an output of another environment, through the commands."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from tapgen.local.client import LocalAws
from tests.conftest import aws_client

OUTPUT = "{output: staging.zone.HostedZoneId}"


def edit(project: Path, name: str, old: str, new: str) -> None:
    path = project / "envs" / f"{name}.yaml"
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


@pytest.fixture
def reading(project: Path) -> Path:
    """The project, in which dev's parent zone is that of staging."""
    edit(project, "dev", "domain: dev", f"parent_zone_id: {OUTPUT}\ndomain: dev")
    edit(project, "dev", "api.example.com", "staging.api.example.com")
    return project


def test_it_is_shown_with_its_place(reading: Path, tapgen: Any) -> None:
    lines = tapgen("env", "show", "--env", "dev").out.splitlines()
    (line,) = (line for line in lines if line.startswith("parent_zone_id"))
    assert line.split(maxsplit=1)[1] == f"{OUTPUT}  envs/dev.yaml:6:17"
    record = json.loads(tapgen("env", "show", "--env", "dev", "--format", "json").out)
    assert record["settings"]["parent_zone_id"]["value"] == {"output": "staging.zone.HostedZoneId"}
    ran = tapgen("env", "diff", "dev", "staging", "--format", "json")
    differences = json.loads(ran.out)["differences"]
    (found,) = (one["values"] for one in differences if one["setting"] == "parent_zone_id")
    assert found["dev"]["value"] == {"output": "staging.zone.HostedZoneId"}


def test_the_stack_file_names_it_as_an_input(reading: Path, tapgen: Any) -> None:
    assert tapgen("render").code == 0
    document = json.loads((reading / "templates_out/dev/zone.json").read_text())
    assert document["Inputs"] == {"ParentZoneId": "staging.zone.HostedZoneId"}
    assert "ParentZoneId" not in document["Parameters"]
    assert tapgen("render", "--check").code == 0


def test_parity_marks_it(reading: Path, tapgen: Any) -> None:
    ran = tapgen("parity", "--declared")
    assert ran.code == 0
    (line,) = (line for line in ran.out.splitlines() if line.startswith("ParentZoneId"))
    assert "parent_zone_id, staging.zone.HostedZoneId in dev" in line
    assert OUTPUT in line
    ran = tapgen("parity", "--declared", "--format", "json")
    zone = json.loads(ran.out)["layers"]["zone"]["parameters"]
    (found,) = (one for one in zone if one["name"] == "ParentZoneId")
    assert found["read"] == {"dev": "staging.zone.HostedZoneId"}


def test_a_copy_of_the_environment_has_no_parent_of_the_other(reading: Path, tapgen: Any) -> None:
    ran = tapgen("env", "new", "qa", "--from", "dev", "--account-id", "444444444444")
    assert ran.code == 0
    assert "parent_zone_id of dev was left out" in ran.out
    assert "parent_zone_id" not in (reading / "envs/qa.yaml").read_text()


@pytest.mark.slow
def test_two_environments_of_one_account_share_a_parent_zone(
    reading: Path, local_aws: LocalAws, tapgen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = f"6{zlib.crc32(str(reading).encode()):011}"
    edit(reading, "staging", "222222222222", account)
    edit(reading, "staging", "protection: true", "protection: false")
    edit(reading, "dev", "111111111111", account)
    edit(reading, "dev", "alarms:", "api: {manage_account_logging: false}\nalarms:")
    text = (reading / "envs/dev.yaml").read_text()
    api = "api:\n  throttle_rate: 250\n  throttle_burst: 500\n"
    assert api in text
    text = text.replace(api, "").replace(
        "{manage_account_logging: false}",
        "{manage_account_logging: false, throttle_rate: 250, throttle_burst: 500}",
    )
    (reading / "envs/dev.yaml").write_text(text)
    monkeypatch.chdir(local_aws.directory.parents[1])
    where = ("--layer", "zone", "--local", "--envs-dir", str(reading / "envs"))
    dev = ("--env", "dev", *where)

    ran = tapgen("plan", *dev)
    assert "pending: needs staging.zone.HostedZoneId (deploy zone to staging first)" in ran.out
    ran = tapgen("deploy", *dev, "--yes")
    assert ran.code == 1
    assert "zone needs staging.zone.HostedZoneId, which is not deployed" in ran.err
    (line,) = (line for line in ran.err.splitlines() if line.startswith("  next:"))
    assert "`tapgen deploy --env staging --layer zone" in line

    assert tapgen("deploy", "--env", "staging", *where, "--yes", "--quiet").code == 0
    shown = json.loads(tapgen("outputs", "--env", "staging", *where, "--format", "json").out)
    parent = shown["layers"]["zone"]["HostedZoneId"]
    ran = tapgen("plan", *dev)
    assert f"    parent_zone_id: {parent} from staging.zone.HostedZoneId" in ran.out.splitlines()
    record = json.loads(tapgen("plan", *dev, "--format", "json").out)["environments"]["dev"]["zone"]
    assert record["read"] == [
        {"setting": "parent_zone_id", "from": "staging.zone.HostedZoneId", "value": parent}
    ]
    assert tapgen("deploy", *dev, "--yes", "--quiet").code == 0
    route53 = aws_client(local_aws, "route53", account, "us-east-1")
    records = route53.list_resource_record_sets(HostedZoneId=parent)["ResourceRecordSets"]
    assert "dev.staging.api.example.com." in {one["Name"] for one in records if one["Type"] == "NS"}
    parity = tapgen("parity", "--env", "dev", *where[2:], "--format", "json")
    assert json.loads(parity.out)["layers"]["zone"]["not_as_declared"] == []

    # Another account, which these credentials are not of: what it gives is not known.
    edit(reading, "staging", account, "222222222222")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", account)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("AWS_ENDPOINT_URL", local_aws.endpoint_url)
    ran = tapgen(
        "diff", "--env", "dev", "--against", "deployed", "--envs-dir", str(reading / "envs")
    )
    assert ran.code == 0, ran.err
    (note,) = (line for line in ran.err.splitlines() if line.startswith("note: "))
    assert note.startswith("note: values that dev reads from staging are not compared: staging: ")
