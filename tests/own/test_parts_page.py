"""A project with parts of its own works as docs/parts-of-your-own.md says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.own.page import tapgen, write_project


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notices")
    write_project(folder)
    return folder


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
