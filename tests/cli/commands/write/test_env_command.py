from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest


def test_list(project: Path, tapgen: Any) -> None:
    ran = tapgen("env", "list")
    assert (ran.code, ran.err) == (0, "")
    rows = [line.split() for line in ran.out.splitlines()]
    assert rows[0] == ["environment", "account", "region", "domain", "protection"]
    assert rows[1] == ["dev", "111111111111", "us-east-1", "dev.api.example.com", "false"]
    assert rows[3] == ["prod", "333333333333", "us-east-1", "api.example.com", "true"]


def test_a_missing_domain_is_a_dash(project: Path, tapgen: Any) -> None:
    dev = project / "envs" / "dev.yaml"
    dev.write_text(dev.read_text().replace("domain: dev.api.example.com", ""))
    assert tapgen("env", "list").out.splitlines()[1].split()[3] == "-"
    assert json.loads(tapgen("env", "list", "--format", "json").out)["environments"]["dev"] == {
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
    record = json.loads(tapgen("env", "show", "--env", "prod", "--format", "json").out)["settings"]
    assert record["functions.memory_mb"] == {
        "value": 3008,
        "source": rows["functions.memory_mb"][1],
    }
    assert record["parent_zone_id"] == {"value": None, "source": "default"}


def test_schema_is_the_one_beside_the_environments(project: Path, tapgen: Any) -> None:
    assert tapgen("env", "schema").out == (project / "envs" / "settings.schema.json").read_text()


def test_diff_shows_both_values_and_their_places(project: Path, tapgen: Any) -> None:
    ran = tapgen("env", "diff", "staging", "prod")
    assert (ran.code, ran.err) == (
        0,
        "staging and prod differ in 18 settings; 0 of them must not vary.\n",
    )
    rows = {line.split()[0]: line.split()[1:] for line in ran.out.splitlines()}
    assert rows["functions.memory_mb"] == [
        *("1024", "envs/staging.yaml:23:14"),
        *("3008", "envs/prod.yaml:23:14", "yes"),
    ]
    assert tapgen("env", "diff", "staging", "prod", "--exit-code").code == 3
    same = tapgen("env", "diff", "prod", "prod", "--exit-code")
    assert (same.code, same.out) == (0, "")


def test_diff_marks_what_must_not_vary(project: Path, tapgen: Any) -> None:
    dev = project / "envs" / "dev.yaml"
    dev.write_text(dev.read_text().replace("  memory_mb", "  log_level: DEBUG\n  memory_mb"))
    ran = tapgen("env", "diff", "dev", "prod")
    (row,) = (line.split() for line in ran.out.splitlines() if line.startswith("functions.log"))
    assert (row[1], row[3], row[-1]) == ("DEBUG", "INFO", "NO")
    assert "1 of them must not vary" in ran.err
    found = json.loads(tapgen("env", "diff", "dev", "prod", "--format", "json").out)
    record = next(one for one in found["differences"] if one["setting"] == "functions.log_level")
    assert record["may_vary"] is False
    assert record["values"]["dev"] == {"value": "DEBUG", "source": "envs/dev.yaml:23:14"}


def test_new_writes_one_file_that_is_valid(project: Path, tapgen: Any) -> None:
    ran = tapgen("env", "new", "--from", "prod", "qa", "--account-id", "444444444444")
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "wrote envs/qa.yaml",
        (
            "account 444444444444, us-east-1, VPC 10.40.0.0/16, domain qa.api.example.com, "
            "cost centre PROD-001"
        ),
    ]
    assert "  tapgen env diff prod qa\n" in ran.err
    assert "qa" in tapgen("env", "list").out
    assert tapgen("parity", "--declared", "--env", "qa", "--env", "prod").code == 0


def test_new_says_what_it_left_out(project: Path, tapgen: Any) -> None:
    prod = project / "envs" / "prod.yaml"
    prod.write_text(prod.read_text().replace("domain: api.example.com", "stack_prefix: pay"))
    arguments = ("env", "new", "qa", "--from", "prod", "--account-id", "444444444444")
    ran = tapgen(*arguments)
    assert "domain none" in ran.out
    assert "stack_prefix of prod was left out: it belongs to prod." in ran.out
    (project / "envs" / "qa.yaml").unlink()
    assert tapgen(*arguments, "--quiet") == (0, "", "")


def test_new_writes_nothing_that_is_not_valid(project: Path, tapgen: Any) -> None:
    ran = tapgen("env", "new", "qa", "--from", "prod", "--account-id", "4444")
    assert (ran.code, ran.out) == (1, "")
    assert 'envs/qa.yaml:5:13: account_id: "4444" does not fit' in ran.err
    assert not (project / "envs" / "qa.yaml").exists()


def test_matrices_of_all_and_of_each_stage_on_one_line(project: Path, tapgen: Any) -> None:
    ran = tapgen("env", "list", "--format", "matrix")
    assert (ran.code, ran.err, ran.out.count("\n")) == (0, "", 1)
    found = json.loads(ran.out)
    stages = found["stages"]
    assert found["live"] is True  # the payments API is asked by `parity --live`
    assert found["all"]["include"] == [job for stage in stages for job in stage["include"]]
    jobs = [[one["environment"] for one in stage["include"]] for stage in stages]
    assert jobs == [["dev"], ["staging"], ["prod"]]
    assert stages[2]["include"] == [
        {
            "environment": "prod",
            "account_id": "333333333333",
            "region": "us-east-1",
            "prefix": "payments-prod",
            "protection": True,
            "promoted_from": "",
            "stage": 2,
        }
    ]


def test_more_jobs_than_a_matrix_may_have_are_told(
    project: Path, tapgen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tapgen.cli.views.environments._JOBS", 0)
    ran = tapgen("env", "list", "--format", "matrix")
    assert ran.code == 0
    assert ran.err.startswith(
        "stage 0 has 1 environment; a GitHub Actions matrix has at most 0 jobs"
    )
