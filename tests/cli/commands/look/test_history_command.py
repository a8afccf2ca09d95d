"""`tapgen history`, and what the commands that change something leave for it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tapgen.local.client import LocalAws
from tests.cli.repository import commit, git
from tests.conftest import aws_client

pytestmark = pytest.mark.slow

ZONE = ("--layer", "zone", "--yes", "--quiet")


@pytest.fixture
def account(project: Path, local_tapgen: Any) -> str:
    """The account of `dev`, which no other test has."""
    assert local_tapgen
    return str(yaml.safe_load((project / "envs" / "dev.yaml").read_text())["account_id"])


def releases(local_tapgen: Any, *more: str) -> list[dict[str, Any]]:
    ran = local_tapgen("history", "--format", "json", *more)
    assert ran.code == 0, ran.err
    return list(json.loads(ran.out)["environments"]["dev"]["releases"])


def edit(project: Path, old: str, new: str) -> None:
    path = project / "envs" / "dev.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_an_environment_without_releases_says_so(local_tapgen: Any) -> None:
    ran = local_tapgen("history")
    assert (ran.code, ran.out) == (0, "")
    assert re.fullmatch(r"dev has no release in \S+/ledger/\d{12} yet\.\n", ran.err)
    assert releases(local_tapgen) == []


def test_releases_are_told_newest_first_and_one_of_them_whole(
    local_tapgen: Any, project: Path
) -> None:
    assert local_tapgen("deploy", *ZONE, "--reason", "the first one").code == 0
    edit(project, "cost_center: DEV-001", "cost_center: DEV-002")
    assert local_tapgen("deploy", *ZONE).code == 0
    assert local_tapgen("deploy", *ZONE).code == 0  # nothing to do, and no release
    ran = local_tapgen("history")
    heading, second, first = ran.out.splitlines()
    assert heading.split()[:2] == ["release", "began"]
    assert re.fullmatch(r"2 +[\d-]+ [\d:]+ +[\d.]+ s +deploy +succeeded +root +\S+", second)
    assert first.startswith("1 ")
    assert first.endswith("the first one")
    assert ran.err == ""
    whole = local_tapgen("history", "2").out
    assert whole.startswith("dev release 2: deploy, succeeded\n")
    assert "zone   updated" in whole
    assert "  zone.CostCenter: DEV-001 -> DEV-002" in whole
    assert local_tapgen("history", "1").out.count("Declared otherwise") == 0
    (shown,) = releases(local_tapgen, "2")
    assert shown["changed"]["parameters"] == [
        {"name": "zone.CostCenter", "before": "DEV-001", "after": "DEV-002"}
    ]
    assert shown["record"]["ended"]["stacks"]["zone"]["outcome"] == "Updated"
    ran = local_tapgen("history", "--limit", "1")
    assert len(ran.out.splitlines()) == 2
    assert ran.err == "1 older; --limit 2 shows all.\n"


def test_every_command_that_changes_something_is_told(
    local_tapgen: Any, project: Path, tmp_path: Path
) -> None:
    plan = str(tmp_path / "plan.json")
    assert local_tapgen("plan", "--layer", "zone", "--out", plan, "--quiet").code == 0
    digest = json.loads(Path(plan).read_text())["digest"]
    assert local_tapgen("deploy", "--plan", plan, "--yes", "--quiet").code == 0
    assert local_tapgen("destroy", *ZONE, "--reason", "no longer used").code == 0
    assert local_tapgen("destroy", *ZONE).code == 0  # nothing to do, and no release
    told = [
        (one["command"], one["outcome"], one["reason"], one["plan_digest"])
        for one in releases(local_tapgen)
    ]
    assert told == [
        ("destroy", "succeeded", "no longer used", ""),
        ("deploy --plan", "succeeded", "", digest),
    ]
    assert local_tapgen("history").err == ""  # it is not there, as the last release says
    shown = local_tapgen("history", "2").out
    assert "zone   deleted" in shown


def test_what_failed_and_what_recovers_it_is_told(failed: Any) -> None:
    newest = releases(failed)[0]
    assert newest["outcome"] == "failed"
    whole = failed("history", str(newest["release"])).out
    assert "zone: zone.HostedZone (AWS::Route53::HostedZone): no" in whole
    assert failed("recover", *ZONE).code == 0
    assert [one["command"] for one in releases(failed)] == ["recover", "deploy"]


def test_while_it_is_under_way_nobody_says_how_it_ended(at_work: Any) -> None:
    newest = releases(at_work)[0]
    assert (newest["outcome"], newest["ended"]) == ("under way", None)
    shown = at_work("history", str(newest["release"]))
    assert "zone   under way" in shown.out
    assert "under way" in at_work("history").out


def test_who_cancels_is_told_beside_the_run_that_is_cancelled(at_work: Any, faults: Any) -> None:
    faults({})
    ran = at_work("cancel", "--yes", "--quiet", "--reason", "the wrong branch")
    assert ran.code in {0, 1}
    told = {one["command"]: one["reason"] for one in releases(at_work)}
    assert told["deploy"] == ""
    assert told.get("cancel", "the wrong branch") == "the wrong branch"  # or it was over already


def test_the_commit_is_told_and_whether_files_differed(
    local_tapgen: Any, project: Path, monkeypatch: pytest.MonkeyPatch, local_aws: LocalAws
) -> None:
    git(project, "init", "-q")
    commit(project)
    monkeypatch.setattr("tapgen.local.client.start", lambda _: local_aws)
    monkeypatch.chdir(project)
    head = git(project, "rev-parse", "HEAD")
    assert local_tapgen("deploy", *ZONE).code == 0
    edit(project, "cost_center: DEV-001", "cost_center: DEV-003")
    assert local_tapgen("deploy", *ZONE).code == 0
    second, first = releases(local_tapgen)
    assert first["commit"] == {"id": head, "dirty": False}
    assert second["commit"] == {"id": head, "dirty": True}
    assert f"{head[:10]} and more" in local_tapgen("history").out
    assert f"  commit   {head} and more" in local_tapgen("history", "2").out


def test_what_was_changed_past_the_ledger_is_told_with_the_way_back(
    local_tapgen: Any, account: str, local_aws: LocalAws
) -> None:
    assert local_tapgen("deploy", *ZONE).code == 0
    aws = aws_client(local_aws, "cloudformation", account, "us-east-1")
    aws.delete_stack(StackName="payments-dev-zone")
    aws.get_waiter("stack_delete_complete").wait(
        StackName="payments-dev-zone", WaiterConfig={"Delay": 1}
    )
    ran = local_tapgen("history")
    said, way = ran.err.splitlines()
    assert said == "zone: release 1 left it deployed, but it does not exist"
    assert re.search(r"do not agree. `tapgen deploy --env dev --full .*--local` brings AWS in", way)
    assert local_tapgen("deploy", *ZONE, "--full").code == 0
    assert local_tapgen("history").err == ""


def test_several_environments_are_told_one_after_the_other(local_tapgen: Any) -> None:
    ran = local_tapgen("history", "--env", "qa-does-not-exist")
    assert (ran.code, ran.out) == (2, "")
    ran = local_tapgen("history", "--env", "staging")
    assert ran.code == 0
    assert [line for line in ran.out.splitlines() if line] == ["dev", "staging"]
    assert ran.err.count("has no release") == 2


def test_one_that_cannot_be_read_hides_none_of_the_others(local_tapgen: Any, project: Path) -> None:
    with (project / "envs" / "staging.yaml").open("a") as file:
        file.write("\ndeployment:\n  ledger: no-such-ledger\n")
    assert local_tapgen("deploy", *ZONE).code == 0
    ran = local_tapgen("history", "--env", "staging")
    assert ran.code == 1
    assert "succeeded" in ran.out
    assert "error: staging: listing no-such-ledger/releases/" in ran.err
    ran = local_tapgen("history", "--env", "staging", "--format", "json")
    assert ran.code == 1
    assert [*json.loads(ran.out)["environments"]] == ["dev"]
    told = json.loads(history_of_report(local_tapgen, "--env", "staging"))["history"]
    assert [one["command"] for one in told["dev"]["releases"]] == ["deploy"]
    assert told["dev"]["not_read"] is None
    assert told["staging"]["releases"] == []
    assert "listing no-such-ledger/releases/" in told["staging"]["not_read"]


def test_a_report_tells_it_too(local_tapgen: Any, project: Path) -> None:
    assert json.loads(history_of_report(local_tapgen))["history"] == {
        "dev": {"releases": [], "not_read": None}
    }
    with (project / "envs" / "dev.yaml").open("a") as file:
        file.write("\ndeployment:\n  ledger: no-such-ledger\n")
    told = json.loads(history_of_report(local_tapgen))["history"]["dev"]
    assert told["releases"] == []
    assert "listing no-such-ledger/releases/" in told["not_read"]


def history_of_report(local_tapgen: Any, *more: str) -> str:
    ran = local_tapgen("report", "--no-lint", "--history", "--format", "json", *more)
    assert ran.code == 0, ran.err
    return str(ran.out)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("7",), "dev has no release 7 in"),
        (("1", "2"), "only one release can be shown at a time"),
        (("1", "--limit", "3"), "only one release can be shown at a time"),
        (("1", "--env", "staging"), "Release 1 is for one environment"),
    ],
)
def test_what_makes_no_sense_is_wrong_usage(
    local_tapgen: Any, words: tuple[str, ...], said: str
) -> None:
    ran = local_tapgen("history", *words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


# --- a ledger in a bucket, and one that is not there ----------------------------------------------


@pytest.fixture
def bucket(account: str, project: Path, local_aws: LocalAws) -> Callable[[], Any]:
    """Makes the ledger's bucket, which `dev` names."""
    name = f"ledger-{account}"
    with (project / "envs" / "dev.yaml").open("a") as file:
        file.write(f"\ndeployment:\n  ledger: {name}\n")
    s3 = aws_client(local_aws, "s3", account, "us-east-1")
    return lambda: s3.create_bucket(Bucket=name)


def test_where_there_is_a_bucket_the_record_is_in_it(local_tapgen: Any, bucket: Any) -> None:
    bucket()
    assert local_tapgen("deploy", *ZONE).code == 0
    ran = local_tapgen("history", "1")
    assert "  ledger   s3://ledger-7" in ran.out


def test_a_run_that_cannot_be_recorded_says_so_and_goes_on(local_tapgen: Any, bucket: Any) -> None:
    ran = local_tapgen("deploy", *ZONE)
    assert ran.code == 0
    assert ran.err.startswith("note: this run cannot be recorded in s3://ledger-7")
    assert ran.err.count("cannot be recorded") == 1


def test_a_protected_environment_is_refused_then(
    local_tapgen: Any, bucket: Any, project: Path
) -> None:
    edit(project, "protection: false", "protection: true")
    edit(project, "point_in_time_recovery: false", "point_in_time_recovery: true")
    ran = local_tapgen("deploy", *ZONE)
    assert ran.code == 4
    assert "error: dev is protected, and this run cannot be recorded in s3://ledger-" in ran.err
    assert "ABSENT" in local_tapgen("status", "--layer", "zone").out
    ran = local_tapgen("deploy", *ZONE, "--no-record")
    assert (ran.code, "a run without a record needs a reason" in ran.err) == (2, True)
    assert local_tapgen("deploy", *ZONE, "--no-record", "--reason", "it is being moved").code == 0


def test_without_a_record_none_is_written(local_tapgen: Any) -> None:
    without = ("--no-record", "--reason", "a rehearsal")
    assert local_tapgen("deploy", *ZONE, *without).code == 0
    assert local_tapgen("destroy", *ZONE, *without).code == 0
    assert releases(local_tapgen) == []
