"""`tapgen verify`: what it prints, and how it exits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tapgen.aws.readers.values import NotRead
from tapgen.cli.main import main
from tapgen.cli.views.live.verification import show
from tapgen.deploy.observe.checks import LIVE, Check, Unseen
from tapgen.model.templates.intrinsics import Unknown

if TYPE_CHECKING:
    from tapgen.deploy.target.target import Target
    from tapgen.local.client import LocalAws

RIGHT = Check("data", "Table", "TableName", "t", "t", ok=True)
WRONG = Check("data", "Table", "Encrypted", True, {"Type": "x" * 300}, ok=False)
MISSING = Check("api", "", "Status", "CREATE_COMPLETE", None, ok=False)
UNSEEN = Check("api", "Stage", "Type", "AWS::X", Unseen("reading x: no answer"), ok=None)
UNKNOWN = Check("api", "Stage", "Arn", Unknown("Stage.Arn"), "arn", ok=None)


def shown(
    capsys: pytest.CaptureFixture[str], *checks: Check, output: str = "text", verbosity: int = 0
) -> tuple[str, str]:
    show("dev", checks, output, verbosity, "tapgen deploy --env dev --local")
    captured = capsys.readouterr()
    return captured.out, captured.err


def test_failures_come_after_the_counts_with_both_sides(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = shown(capsys, RIGHT, WRONG, MISSING, UNKNOWN)
    lines = out.splitlines()
    cut = f"{json.dumps(WRONG.actual)[:28]}...{json.dumps(WRONG.actual)[-28:]}"
    assert [line.split() for line in lines[1:4]] == [
        ["data", "2", "1", "0"],
        ["api", "1", "1", "1"],
        [],
    ]
    assert lines[4:6] == ["data: not as declared", f"  Table: Encrypted: true -> {cut}"]
    assert lines[7:9] == ["api: not as declared", "  - Status: CREATE_COMPLETE"]
    whole = shown(capsys, WRONG, verbosity=1)[0].splitlines()
    assert whole[4] == f"  Table: Encrypted: true -> {json.dumps(WRONG.actual)}"
    assert "2 of 3 comparisons failed" in err
    assert "`tapgen deploy --env dev --local`" in err


def test_the_same_of_many_resources_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    many = [Check("data", f"R{n:02}", "Tags/A/Value", "a", "b", ok=False) for n in range(20)]
    other = Check("data", "R20", "Tags/A/Value", "a", "c", ok=False)
    lines = shown(capsys, *many, other, verbosity=-1)[0].splitlines()
    assert lines == [
        "data: not as declared",
        "  R00, R01, R02, R03 and 16 more: Tags/A/Value: a -> b",
        "  R20: Tags/A/Value: a -> c",
        "",
    ]
    assert "R18, R19: Tags/A/Value: a -> b" in shown(capsys, *many, verbosity=1)[0]


def test_what_is_not_comparable_is_shown_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = shown(capsys, RIGHT, UNKNOWN, verbosity=1)
    assert "api: not comparable" in out
    assert "  Stage: Arn: {Stage.Arn} -> arn" in out
    secret = Check("api", "Stage", "Token", "x", NotRead("a secret, not read"), ok=None)
    assert "  Stage: Token: x -> (a secret, not read)" in shown(capsys, secret, verbosity=1)[0]
    assert "dev is as declared: 1 comparisons." in err


def test_what_only_a_person_can_do_is_said_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    rules = NotRead("sg-1 has 2", "no template can: `aws ec2 revoke` does")
    left = Check("network", "Vpc", "DefaultSecurityGroup/Rules", 0, rules, ok=None)
    out, err = shown(capsys, RIGHT, left)
    assert "sg-1" not in out
    assert err.splitlines() == [
        "dev is as declared: 1 comparisons.",
        "network.Vpc: DefaultSecurityGroup/Rules: no template can: `aws ec2 revoke` does.",
    ]
    assert shown(capsys, RIGHT, left, verbosity=-1) == ("", "")


def test_quiet_shows_failures_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, RIGHT, UNKNOWN, verbosity=-1)[0] == ""
    assert shown(capsys, RIGHT, WRONG, verbosity=-1)[0].startswith("data: not as declared")


def test_what_could_not_be_looked_at_is_neither_right_nor_different(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out, err = shown(capsys, RIGHT, UNSEEN)
    assert out.endswith("\n\napi: could not be read\n  Stage: Type: reading x: no answer\n\n")
    assert "dev may not be as declared: nothing differs in 1 comparisons, and 1" in err
    document = json.loads(shown(capsys, RIGHT, UNSEEN, output="json")[0])
    assert document["ok"] is False
    assert document["checks"][1]["actual"] == "reading x: no answer"
    out, err = shown(capsys, WRONG, UNSEEN, verbosity=1)
    assert "data: not as declared" in out
    assert "api: not comparable\n" not in out
    assert "1 of 1 comparisons failed" in err


@pytest.mark.parametrize(
    ("checks", "code"),
    [([RIGHT, UNKNOWN], 0), ([RIGHT, UNSEEN], 1), ([UNSEEN, WRONG], 3)],
)
def test_the_verdict_says_whether_everything_was_seen(
    monkeypatch: pytest.MonkeyPatch, checks: list[Check], code: int
) -> None:
    monkeypatch.setattr("tapgen.operations.observation.verify", lambda *_, **__: checks)
    with pytest.raises(SystemExit) as ended:
        main(["verify", "--env", "dev"])
    assert ended.value.code == code


def test_json_holds_every_check(capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = shown(capsys, RIGHT, UNKNOWN, output="json")
    document = json.loads(out)
    assert document["ok"] is True
    assert document["checks"][1] == {
        "layer": "api",
        "logical_id": "Stage",
        "property": "Arn",
        "declared": "{Stage.Arn}",
        "actual": "arn",
        "ok": None,
    }
    assert json.loads(shown(capsys, WRONG, output="json")[0])["ok"] is False


@pytest.mark.slow
def test_the_command_verifies_the_local_aws(
    deployed: Target,
    deployed_envs: Path,
    local_aws: LocalAws,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(local_aws.directory.parent.parent)
    arguments = ["verify", "--env", "full", "--envs-dir", str(deployed_envs), "--local"]
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--read-only", "--format", "json"])
    document = json.loads(capsys.readouterr().out)
    assert document["ok"] is (ended.value.code == 0)
    assert {check["layer"] for check in document["checks"]} == {*deployed.stacks, LIVE}
    assert ended.value.code == 0


@pytest.mark.slow
def test_an_environment_that_is_not_deployed_exits_with_3(
    deployed_envs: Path,
    local_aws: LocalAws,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    for name in ("common", "full"):
        text = (deployed_envs / f"{name}.yaml").read_text().replace("555555555555", "666666666666")
        (tmp_path / f"{name}.yaml").write_text(text)
    monkeypatch.chdir(local_aws.directory.parent.parent)
    with pytest.raises(SystemExit) as ended:
        main(["verify", "--env", "full", "--envs-dir", str(tmp_path), "--local"])
    assert ended.value.code == 3
    assert " -> ABSENT\n" in capsys.readouterr().out
