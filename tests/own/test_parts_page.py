"""A project with parts of its own works as docs/parts-of-your-own.md says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SESSION
from tests.own.page import tapgen, write_project

PARITY = "parity --live dev --local --record before.json"
KEY = "hunter2-hunter2-hunter2-hunter2"


def client(folder: Path, service: str) -> Any:
    """A client that looks into the project's local AWS without tapgen's help."""
    address = json.loads(tapgen(folder, "local", "status", "--format", "json").stdout)
    return SESSION.client(
        service,  # type: ignore[call-overload]
        endpoint_url=address["endpoint_url"],
        region_name="eu-west-1",
        aws_access_key_id="111111111111",
        aws_secret_access_key="local",
    )


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
    client(folder, "secretsmanager").create_secret(
        Name="notices/dev/partner", SecretString=json.dumps({"api-key": KEY})
    )
    yield folder
    tapgen(folder, "local", "stop")


@pytest.mark.slow
def test_a_hook_is_announced_and_called_where_something_changes(local: Path) -> None:
    planned = tapgen(local, "plan", "--env", "dev", "--local")
    assert planned.returncode == 0, planned.stderr
    assert "after it: announce, at most 30 s" in planned.stdout
    assert "notified the subscribers" not in planned.stderr
    deployed = tapgen(local, "deploy", "--env", "dev", "--local", "--yes")
    assert deployed.returncode == 0, deployed.stderr
    assert "hook announce begins (after it, at most 30 s)" in deployed.stderr
    assert "notified the subscribers" in deployed.stderr
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


@pytest.mark.slow
def test_a_command_of_its_own_is_one_among_others(folder: Path) -> None:
    shown = tapgen(folder, "--help").stdout
    assert "  secrets  List the secrets that are used." in shown.split("From this project:")[1]
    ran = tapgen(folder, "secrets", "dev")
    assert (ran.returncode, ran.stdout) == (0, "partner  notices/dev/partner\n"), ran.stderr
    wrong = tapgen(folder, "secrets", "--env", "qa")
    assert (wrong.returncode, wrong.stderr.splitlines()[0]) == (
        2,
        'error: there is no environment "qa" in envs',
    )


@pytest.mark.slow
def test_a_rule_of_its_own_finds_what_it_is_for(folder: Path) -> None:
    linted = tapgen(folder, "lint", "--format", "json")
    found = json.loads(linted.stdout)["findings"]
    assert [(one["rule"], one["name"], one["severity"]) for one in found] == [
        ("N001", "named-key", "warning")
    ]
    assert found[0]["message"] == "the key has no name, so its owner is unknown"


@pytest.mark.slow
def test_a_guard_refuses_until_its_option_is_given(
    local: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAY", "Friday")
    refused = tapgen(local, "plan", "--env", "dev", "--local", "--full")
    assert refused.returncode == 4, refused.stderr
    assert "error: it is Friday\nnext: Wait, or deploy with --allow-friday." in refused.stderr
    lifted = tapgen(local, "plan", "--env", "dev", "--local", "--full", "--allow-friday")
    assert lifted.returncode in {0, 3}, lifted.stderr
    assert "--allow-friday" in tapgen(local, "deploy", "--help").stdout


@pytest.mark.slow
def test_a_live_check_counts(local: Path) -> None:
    verified = tapgen(local, "verify", "--env", "dev", "--local", "--format", "json")
    checks = json.loads(verified.stdout)["checks"]
    (live,) = [one for one in checks if one["layer"] == "live API"]
    assert (live["property"], live["declared"], live["actual"]) == ("enabled keys", 1, 1)


@pytest.mark.slow
def test_what_it_says_is_compared_with_what_it_said(local: Path) -> None:
    kept = tapgen(local, *PARITY.split())
    assert kept.returncode == 0, kept.stderr
    again = ("parity", "--live", "dev", "--local", "--quiet", "--against", "before.json")
    assert tapgen(local, *again).stdout == "dev, dev (recorded): the same in 1 exchange.\n"
    gateway = client(local, "apigateway")
    (key,) = gateway.get_api_keys()["items"]
    change = {"op": "replace", "path": "/customerId", "value": "them"}
    gateway.update_api_key(apiKey=key["id"], patchOperations=[change])
    compared = tapgen(local, *again)
    assert compared.returncode == 0, compared.stderr
    assert compared.stdout.splitlines()[2].split() == [
        *("body/*/customerId", "string", "-", "partner"),
        *("only", "some", "are", "sold", "through", "a", "marketplace"),
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "broken", "words", "blamed"),
    [
        ("rules.py", "            yield Problem", "lint", "the rule N001 (named-key)"),
        ("guards.py", "    if os", "plan dev --local --full", "the guard friday"),
        (
            "live.py",
            "        return Answer",
            "verify dev --local",
            "the live checks of the platform",
        ),
        ("live.py", "        return Answer", PARITY, "the live conversation of the platform"),
    ],
)
def test_what_breaks_is_blamed(
    local: Path, file: str, broken: str, words: str, blamed: str
) -> None:
    source = local / "notices" / file
    text = source.read_text()
    indent = " " * (len(broken) - len(broken.lstrip()))
    source.write_text(text.replace(broken, f"{indent}1 / 0\n{broken}"))
    try:
        ran = tapgen(local, *words.split())
    finally:
        source.write_text(text)
    assert ran.returncode == 70, ran.stderr
    assert f"error: bug in {blamed}" in ran.stderr
    assert "ZeroDivisionError" in ran.stderr
