"""A project with parts of its own works as docs/parts-of-your-own.md says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import SESSION
from tests.own.page import tapgen, write_project

KEY = "hunter2-hunter2-hunter2-hunter2"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notices")
    write_project(folder)
    return folder


@pytest.fixture(scope="module")
def local(folder: Path) -> Iterator[Path]:
    """The project with a local AWS of its own, in which the partner's key is."""
    started = tapgen(folder, "local", "start")
    assert started.returncode == 0, started.stderr
    address = json.loads(tapgen(folder, "local", "status", "--format", "json").stdout)
    client = SESSION.client(
        "secretsmanager",
        endpoint_url=address["endpoint_url"],
        region_name="eu-west-1",
        aws_access_key_id="111111111111",
        aws_secret_access_key="local",
    )
    client.create_secret(Name="notices/dev/partner", SecretString=json.dumps({"api-key": KEY}))
    yield folder
    tapgen(folder, "local", "stop")


@pytest.mark.slow
def test_a_hook_is_announced_and_called_where_something_changes(local: Path) -> None:
    planned = tapgen(local, "plan", "--env", "dev", "--local")
    assert planned.returncode == 0, planned.stderr
    assert "after it: announce, at most 30 s" in planned.stdout
    assert "told whoever listens" not in planned.stderr
    deployed = tapgen(local, "deploy", "--env", "dev", "--local", "--yes")
    assert deployed.returncode == 0, deployed.stderr
    assert "hook announce begins (after it, at most 30 s)" in deployed.stderr
    assert "told whoever listens" in deployed.stderr
    again = tapgen(local, "deploy", "--env", "dev", "--local", "--yes")
    assert "nothing to do" in again.stderr
    assert "announce" not in again.stderr
    verified = tapgen(local, "verify", "--env", "dev", "--local", "--read-only")
    for ran in (planned, deployed, again, verified):
        assert KEY not in ran.stdout + ran.stderr


@pytest.mark.slow
def test_a_secret_is_named_wherever_it_is_told(folder: Path) -> None:
    shown = tapgen(folder, "env", "show", "--env", "dev")
    assert "partner.key" in shown.stdout, shown.stderr
    assert "{secret: notices/dev/partner, key: api-key}" in shown.stdout
    told = json.loads(tapgen(folder, "env", "show", "--env", "dev", "--format", "json").stdout)
    value = {"secret": "notices/dev/partner", "key": "api-key"}
    assert told["settings"]["partner.key"]["value"] == value
    rendered = tapgen(folder, "render")
    assert rendered.returncode == 0, rendered.stderr
    stack = json.loads((folder / "templates_out" / "dev" / "partner.json").read_text())
    assert stack["Parameters"]["PartnerKey"] == "notices/dev/partner:SecretString:api-key"
    assert (
        "{{resolve:secretsmanager:${PartnerKey}}}"
        in (folder / "templates_out" / "partner.json").read_text()
    )
    linted = tapgen(folder, "lint")
    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.slow
def test_a_command_of_its_own_is_one_among_others(folder: Path) -> None:
    shown = tapgen(folder, "--help").stdout
    assert "  secrets  Name the secrets that are used." in shown.split("Of this project:")[1]
    ran = tapgen(folder, "secrets", "dev")
    assert (ran.returncode, ran.stdout) == (0, "partner  notices/dev/partner\n"), ran.stderr
    wrong = tapgen(folder, "secrets", "--env", "qa")
    assert (wrong.returncode, wrong.stderr.splitlines()[0]) == (
        2,
        'error: there is no environment "qa" in envs',
    )
