"""`tapgen lint` as it is typed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tapgen.cli.boundary import guarded
from tapgen.cli.main import cli
from tests.paths import ROOT

SHIPPED = ROOT / "envs"


@pytest.fixture
def envs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(SHIPPED, tmp_path / "envs")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "envs"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["lint", *arguments], standalone_mode=False)


@pytest.mark.slow
def test_a_clean_project_ends_with_0(envs: Path) -> None:
    result = run("--env", "dev", "--format", "json")
    assert (result.return_value, json.loads(result.stdout)["findings"]) == (0, [])
    assert result.stderr == "11 templates, dev: no findings\n"


@pytest.mark.slow
def test_findings_end_with_3_and_the_rest_is_still_checked(envs: Path) -> None:
    path = envs / "prod.yaml"
    path.write_text(path.read_text().replace("memory_mb: 3008", "memory_mb: 7"))
    result = run("--quiet", "--format", "json")
    assert result.return_value == 3
    assert result.stderr == ""
    assert {(one["path"], one["rule"]) for one in json.loads(result.stdout)["findings"]} == {
        ("envs/prod.yaml", "T000")
    }


def test_an_unknown_environment_is_wrong_usage(
    envs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        guarded(cli, ["lint", "--env", "dve"])
    assert ended.value.code == 2
    assert "did you mean dev?" in capsys.readouterr().err


@pytest.mark.slow
def test_with_policy_the_scanners_are_asked_too(envs: Path) -> None:
    (envs.parent / "named.guard").write_text(
        "let topics = Resources.*[ Type == 'AWS::SNS::Topic' ]\n"
        "rule SNS_TOPIC_FIFO when %topics !empty { %topics.Properties.FifoTopic == true }\n"
    )
    result = run("--policy", "--guard", "named.guard", "--env", "dev", "--format", "json")
    assert result.return_value == 3
    found = json.loads(result.stdout)["findings"]
    assert {(one["rule"], *one["environments"]) for one in found} == {("SNS_TOPIC_FIFO", "dev")}
    assert {(one["layer"], one["logical_id"]) for one in found} == {
        ("cdn", "AlarmTopic"),
        ("observability", "AlarmTopic"),
    }


@pytest.mark.parametrize("option", [("--guard", "."), ("--checkov", "envs/dev.yaml")])
def test_what_belongs_to_policy_is_wrong_usage_without(
    envs: Path, option: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        guarded(cli, ["lint", *option])
    assert ended.value.code == 2
    assert "--guard and --checkov can only be used with --policy" in capsys.readouterr().err


def test_a_rule_is_explained_without_any_check(envs: Path) -> None:
    result = run("--explain", "T024")
    assert (result.return_value, result.stderr) == (0, "")
    first, _, *rest = result.stdout.splitlines()
    assert first == "T024 tls-only (error): Buckets, topics and queues accept TLS only."
    assert "Deny all requests without TLS" in "\n".join(rest)


@pytest.mark.parametrize("more", [["dev"], ["--policy"], ["--format", "json"]])
def test_an_explanation_stands_alone(
    envs: Path, capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        guarded(cli, ["lint", "--explain", "T024", *more])
    assert ended.value.code == 2
    assert "Run `tapgen lint --explain T024`." in capsys.readouterr().err
