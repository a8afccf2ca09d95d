from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def test_list(project: Path, tapgen: Any) -> None:
    ran = tapgen("env", "list")
    assert (ran.code, ran.err) == (0, "")
    rows = [line.split() for line in ran.out.splitlines()]
    assert rows[0] == ["environment", "account", "region", "domain", "protection"]
    assert rows[1] == ["dev", "111111111111", "us-east-1", "dev.api.example.com", "off"]
    assert rows[3] == ["prod", "333333333333", "us-east-1", "api.example.com", "on"]


def test_a_missing_domain_is_a_dash(project: Path, tapgen: Any) -> None:
    dev = project / "envs" / "dev.yaml"
    dev.write_text(dev.read_text().replace("domain: dev.api.example.com", ""))
    assert tapgen("env", "list").out.splitlines()[1].split()[3] == "-"
    assert json.loads(tapgen("env", "list", "--format", "json").out)[0] == {
        "name": "dev",
        "account_id": "111111111111",
        "region": "us-east-1",
        "domain": None,
        "protection": False,
    }


def test_show_tells_where_each_value_is_from(project: Path, tapgen: Any) -> None:
    ran = tapgen("env", "show", "--env", "prod")
    rows = {line.split()[0]: line.split()[1:] for line in ran.out.splitlines()}
    text = (project / "envs" / "prod.yaml").read_text().splitlines()
    line = next(i for i, written in enumerate(text, 1) if "memory_mb" in written)
    assert rows["functions.memory_mb"][0] == "3008"
    assert rows["functions.memory_mb"][1].startswith(f"envs/prod.yaml:{line}")
    assert rows["functions.log_level"][1].startswith("envs/common.yaml:")
    assert rows["parent_zone_id"] == ["-", "default"]
    record = json.loads(tapgen("env", "show", "--env", "prod", "--format", "json").out)
    assert record["functions.memory_mb"] == {
        "value": 3008,
        "source": rows["functions.memory_mb"][1],
    }
    assert record["parent_zone_id"] == {"value": None, "source": "default"}


def test_schema_is_the_one_beside_the_environments(project: Path, tapgen: Any) -> None:
    assert tapgen("env", "schema").out == (project / "envs" / "settings.schema.json").read_text()
