"""The workflows of GitHub Actions: what they may do, and that their steps do it.

Their steps are run as they stand there, on the local AWS; what GitHub would do is played.
"""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest
import yaml
from click.testing import CliRunner

from tapgen.cli.main import cli
from tapgen.model.baseline import ROLES
from tests.conftest import aws_client
from tests.documents import blocks
from tests.paths import ROOT
from tests.second.project import write_project
from tests.serving import running_server

if TYPE_CHECKING:
    from tapgen.local.client import LocalAws

GITHUB: Final = ROOT / ".github"
WORKFLOWS: Final = {
    path.stem: yaml.safe_load(path.read_text())
    for path in sorted((GITHUB / "workflows").glob("*.yml"))
}
TEXTS: Final = {
    str(path.relative_to(GITHUB)): path.read_text()
    for path in sorted([*GITHUB.glob("workflows/*.yml"), *GITHUB.glob("actions/*/action.yml")])
}
Ended = subprocess.CompletedProcess[str]
# What a job may write beside nothing at all. All others read the repository.
RIGHTS: Final = {
    ("review", "comment"): {"pull-requests": "write"},
    ("pages", "publish"): {"pages": "write", "id-token": "write"},
    ("drift", "issue"): {"issues": "write"},
    ("drift", "drift"): {
        "contents": "read", "id-token": "write", "security-events": "write", "actions": "read",
    },
    ("drift", "parity"): {"contents": "read", "id-token": "write"},
    ("deploy", "first"): {"contents": "read", "id-token": "write"},
    ("deploy", "second"): {"contents": "read", "id-token": "write"},
    ("deploy", "third"): {"contents": "read", "id-token": "write"},
    ("deploy-stage", "plan"): {"contents": "read", "id-token": "write"},
    ("deploy-stage", "deploy"): {"contents": "read", "id-token": "write"},
    ("deploy-stage", "parity"): {"contents": "read", "id-token": "write"},
}  # fmt: skip
READS: Final[tuple[dict[str, str], ...]] = ({}, {"contents": "read"})
JOBS: Final = [(name, job) for name, workflow in WORKFLOWS.items() for job in workflow["jobs"]]


def steps(workflow: str, job: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = WORKFLOWS[workflow]["jobs"][job].get("steps", [])
    return found


def script(workflow: str, job: str, text: str) -> str:
    """The one step of a job whose script has this text."""
    (found,) = [step["run"] for step in steps(workflow, job) if text in step.get("run", "")]
    return str(found)


# --- what they may do -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", TEXTS)
def test_actions_are_of_a_commit_or_of_this_repository(name: str) -> None:
    for action in re.findall(r"uses: (\S+)", TEXTS[name]):
        if action.startswith("./"):
            assert (ROOT / action).exists(), action
        else:
            assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action), action


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_has_few_rights_of_its_own(name: str) -> None:
    assert WORKFLOWS[name]["permissions"] in READS
    text = TEXTS[f"workflows/{name}.yml"]
    assert text.count("actions/checkout@") == text.count("persist-credentials: false")
    assert "pull_request_target" not in text


@pytest.mark.parametrize(("workflow", "job"), JOBS)
def test_a_job_has_the_rights_that_it_needs(workflow: str, job: str) -> None:
    has = WORKFLOWS[workflow]["jobs"][job].get("permissions", {})
    if (workflow, job) in RIGHTS:
        assert has == RIGHTS[workflow, job]
    else:
        assert has in READS


@pytest.mark.parametrize(("workflow", "job"), JOBS)
def test_no_expression_is_code_and_no_key_is_kept(workflow: str, job: str) -> None:
    """In a script the name of a branch could be code; sessions come by a token of the job."""
    assert not any("${{" in step.get("run", "") for step in steps(workflow, job))
    assert "${{ secrets." not in TEXTS[f"workflows/{workflow}.yml"]


def test_who_may_write_to_the_repository_runs_nothing_of_it() -> None:
    for workflow, job in (("review", "comment"), ("drift", "issue"), ("pages", "publish")):
        assert not any("checkout" in step.get("uses", "") for step in steps(workflow, job))


def test_every_tapgen_command_exists_with_its_options() -> None:
    lines = [line.strip() for text in TEXTS.values() for line in text.splitlines()]
    lines = [line.removeprefix("- run: ") for line in lines]
    found = {re.split(r" [|>] | \|\| ", line)[0] for line in lines if line.startswith("tapgen ")}
    assert len(found) > 8
    for line in found:
        words = [word for word in shlex.split(line.rstrip("\\")) if not word.startswith("$")]
        ran = CliRunner().invoke(cli, [*words[1:], "--help"])
        assert ran.exit_code == 0, line


def test_as_many_stages_are_deployed_as_there_are_jobs_for() -> None:
    jobs = WORKFLOWS["deploy"]["jobs"]
    stages = [job["with"]["matrix"] for job in jobs.values() if "with" in job]
    assert [int(re.findall(r"stages\[(\d)\]", one)[0]) for one in stages] == [0, 1, 2]
    assert jobs["more"]["if"].endswith(".stages[3] != null")


def test_the_roles_are_those_that_bootstrap_makes() -> None:
    text = " ".join(TEXTS.values()).replace("${{ matrix.prefix }}", "prefix")
    found = set(re.findall(r"role/tapgen-prefix-(\w+)", text))
    assert found == {"review", "deploy"}
    assert found <= set(ROLES)


def test_what_is_shown_for_gitlab_calls_the_same_with_the_same_roles() -> None:
    (text,) = blocks((ROOT / "docs" / "releases.md").read_text(), "yaml")
    jobs = yaml.safe_load(text)
    roles = [job["variables"]["AWS_ROLE_ARN"] for job in jobs.values() if "variables" in job]
    theirs = re.sub(r"\d{12}", "${{ matrix.account_id }}", " ".join(roles))
    theirs = theirs.replace("payments-prod", "${{ matrix.prefix }}")
    ours = [
        step["with"]["role-to-assume"]
        for job in ("plan", "deploy")
        for step in steps("deploy-stage", job)
        if "role-to-assume" in step.get("with", {})
    ]
    assert theirs.split(" arn") == " ".join(ours).split(" arn")
    lines = [line for job in jobs.values() for line in job.get("script", [])]
    # The token is for the audience, and of the branch, that the roles trust.
    (settings,) = blocks((ROOT / "docs" / "bootstrap.md").read_text(), "toml")[-1:]
    trusted = tomllib.loads(settings)["tool"]["tapgen"]["bootstrap"]
    assert jobs[".tapgen"]["id_tokens"]["AWS_TOKEN"]["aud"] == trusted["audience"]
    assert trusted["deploying"].endswith(":ref_type:branch:ref:{env}")
    assert jobs[".tapgen"]["rules"] == [{"if": '$CI_COMMIT_BRANCH == "prod"'}]
    assert [line.split()[:2] for line in lines] == [
        ["tapgen", "plan"],
        ["tapgen", "deploy"],
        ["tapgen", "verify"],
    ]
    for line in lines:
        assert CliRunner().invoke(cli, [*line.split()[1:], "--help"]).exit_code == 0, line


# --- that they do it ------------------------------------------------------------------------------

ACCOUNTS: Final = {"test": "812000000001", "live": "812000000002"}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of the second platform with its rendered files, as a job has it."""
    folder = tmp_path_factory.mktemp("workflows") / "checkout"
    write_project(folder)
    for name, account in ACCOUNTS.items():
        path = folder / "envs" / f"{name}.yaml"
        path.write_text(re.sub(r'"\d{12}"', f'"{account}"', path.read_text()))
    shutil.copytree(GITHUB / "actions", folder / ".github" / "actions")
    return folder


@pytest.fixture
def job(checkout: Path, local_aws: LocalAws, tmp_path: Path) -> Iterator[Any]:
    """Runs a step of a job: `job(workflow, job, text, ENVIRONMENT="test")` gives how it ended."""
    programs = tmp_path / "bin"
    programs.mkdir()
    tapgen = shlex.join([sys.executable, "-m", "tapgen"])
    (programs / "tapgen").write_text(f'#!/bin/sh\nexec {tapgen} "$@"\n')
    (programs / "gh").write_text(GH)
    for program in programs.iterdir():
        program.chmod(0o755)

    def run(
        workflow: str, name: str, text: str, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "PATH": f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "HOME": str(tmp_path),
            # What the action that signs in leaves behind. tapgen takes this AWS for the real one.
            "AWS_ENDPOINT_URL": local_aws.endpoint_url,
            "AWS_ACCESS_KEY_ID": ACCOUNTS["test"],
            "AWS_SECRET_ACCESS_KEY": "local",
            "RUNNER_TEMP": str(tmp_path),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
            "GITHUB_OUTPUT": str(tmp_path / "output"),
            "CALLS": str(tmp_path / "calls"),
            **variables,
        }
        return subprocess.run(
            # As GitHub calls it where no shell is named: without pipefail.
            ["bash", "-e", "-c", script(workflow, name, text)],
            cwd=checkout,
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    yield run
    shutil.rmtree(checkout / "found", ignore_errors=True)


# Stands for GitHub's command line: notes how it was called, and knows the issue in $NUMBER.
GH: Final = """#!/bin/sh
printf '%s\\n' "$*" >> "$CALLS"
case "$*" in "issue list"*) printf '%s' "$KNOWN" ;; esac
"""


def told(path: Path) -> Mapping[str, Any]:
    """What a step gave as its output."""
    name, _, value = path.read_text().partition("=")
    return {name: json.loads(value)}


@pytest.mark.slow
def test_a_stage_is_planned_deployed_as_planned_and_compared_for_drift(
    job: Any, checkout: Path, local_aws: LocalAws, tmp_path: Path
) -> None:
    assert job("deploy", "environments", "env list").returncode == 0
    environments = told(tmp_path / "output")["environments"]
    stages = [[one["environment"] for one in stage["include"]] for stage in environments["stages"]]
    assert stages == [["test"], ["live"]]
    assert environments["live"] is False  # the platform declares no requests

    planned = job("deploy-stage", "plan", "tapgen plan", ENVIRONMENT="test")
    assert planned.returncode == 0, planned.stderr
    summary = (tmp_path / "summary").read_text()
    assert summary.startswith("### test\n```text\n")
    assert summary.endswith("```\n")
    assert "queue" in summary
    deployed = job("deploy-stage", "deploy", "tapgen deploy", ENVIRONMENT="test")
    assert deployed.returncode == 0, deployed.stderr

    clean = job("drift", "drift", "tapgen drift", ENVIRONMENT="test")
    assert (clean.returncode, [*checkout.glob("found/*")]) == (0, []), clean.stderr
    assert json.loads((checkout / "drift.sarif").read_text())["runs"][0]["results"] == []
    (checkout / "found").rmdir()
    sqs = aws_client(local_aws, "sqs", ACCOUNTS["test"], "eu-west-1")
    url = sqs.get_queue_url(QueueName="second-test-jobs")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"MessageRetentionPeriod": "60"})
    drifted = job("drift", "drift", "tapgen drift", ENVIRONMENT="test")
    assert drifted.returncode == 0, drifted.stderr
    assert "| `queue.Jobs` | `MessageRetentionPeriod` |" in (checkout / "found/test.md").read_text()
    (result,) = json.loads((checkout / "drift.sarif").read_text())["runs"][0]["results"]
    assert result["ruleId"] == "D001"
    shutil.rmtree(checkout / "found")


@pytest.mark.slow
def test_who_cannot_look_is_red(job: Any, checkout: Path) -> None:
    ran = job("drift", "drift", "tapgen drift", ENVIRONMENT="nowhere")
    assert ran.returncode == 2
    assert [*checkout.glob("found/*")] == []


class Tokens(BaseHTTPRequestHandler):
    """Plays GitHub's token service."""

    def do_GET(self) -> None:
        assert self.headers["Authorization"] == "bearer mine"
        assert self.path == "/token?api=1&audience=sts.amazonaws.com"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"value": "a.token"}')

    def log_message(self, *arguments: object) -> None:
        """Says nothing."""


@pytest.fixture
def tokens() -> Iterator[dict[str, str]]:
    server = HTTPServer(("127.0.0.1", 0), Tokens)
    with running_server(server) as address:
        yield {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{address}/token?api=1",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "mine",
        }


@pytest.mark.slow
def test_each_environment_is_read_with_the_reviewing_role_of_its_account(
    job: Any, tokens: dict[str, str], tmp_path: Path
) -> None:
    job("deploy", "environments", "env list")
    found = told(tmp_path / "output")["environments"]
    variables = {"ENVIRONMENTS": json.dumps(found["all"]), "STAGE": "0", **tokens}
    job("deploy-stage", "parity", "tapgen parity", **variables)
    profiles = configparser.ConfigParser()
    profiles.read(tmp_path / ".aws" / "config")
    assert profiles.sections() == ["profile tapgen-test"]
    profile = profiles["profile tapgen-test"]
    assert profile["role_arn"] == "arn:aws:iam::812000000001:role/tapgen-second-test-review"
    token = Path(profile["web_identity_token_file"])
    assert (token.read_text(), token.stat().st_mode & 0o077) == ("a.token", 0)
    assert "### tapgen parity" in (tmp_path / "summary").read_text()


# Stands for tapgen: notes how it was called, prints something, and ends as $ENDS says of it.
TAPGEN: Final = """#!/bin/sh
printf '%s\\n' "$*" >> "$CALLS"
echo "# $1 $2"
case "$*" in *--live*) exit "$LIVE_ENDS" ;; *) exit "$ENDS" ;; esac
"""
BOTH: Final = ("parity", "parity --live")


@pytest.fixture
def stub(job: Any, tmp_path: Path) -> Any:
    """Like `job`, with nobody who compares anything; gives how it ended, and the calls."""
    (tmp_path / "bin" / "tapgen").write_text(TAPGEN)
    matrix = {"include": [{"environment": "a", "stage": 0}, {"environment": "b", "stage": 1}]}
    profiles = tmp_path / "bin" / "python"
    profiles.write_text("#!/bin/sh\necho a b\n")
    profiles.chmod(0o755)

    def run(workflow: str, live: str, ends: tuple[str, str]) -> tuple[int, list[str]]:
        variables = {"ENVIRONMENTS": json.dumps(matrix), "STAGE": "1", "LIVE": live}
        ran = job(workflow, "parity", "tapgen parity", ENDS=ends[0], LIVE_ENDS=ends[1], **variables)
        calls = (tmp_path / "calls").read_text().splitlines()
        return ran.returncode, [
            one.partition(" a b")[0].partition(" --profile")[0] for one in calls
        ]

    return run


@pytest.mark.parametrize(
    ("live", "ends", "code"),
    [
        ("false", ("0", "9"), 0),
        ("false", ("3", "9"), 3),
        ("true", ("0", "0"), 0),
        ("true", ("0", "3"), 3),
        ("true", ("3", "0"), 3),
    ],
)
def test_after_a_deployment_both_comparisons_are_made_and_any_difference_fails(
    stub: Any, tmp_path: Path, live: str, ends: tuple[str, str], code: int
) -> None:
    calls = BOTH if live == "true" else BOTH[:1]
    assert stub("deploy-stage", live, ends) == (code, [*calls])
    assert (tmp_path / "summary").read_text().count("# parity") == len(calls)


@pytest.mark.parametrize(
    ("live", "ends", "code", "found"),
    [
        ("false", ("3", "9"), 0, ["parity.md"]),
        ("true", ("3", "3"), 0, ["parity-live.md", "parity.md"]),
        ("true", ("0", "3"), 0, ["parity-live.md"]),
        ("true", ("1", "3"), 1, ["parity-live.md"]),
        ("true", ("0", "0"), 0, []),
    ],
)
def test_at_night_what_differs_goes_into_the_issue_and_what_cannot_be_asked_fails(  # noqa: PLR0913, PLR0917
    stub: Any, checkout: Path, live: str, ends: tuple[str, str], code: int, found: list[str]
) -> None:
    calls = BOTH if live == "true" else BOTH[:1]
    assert stub("drift", live, ends) == (code, [*calls])
    assert sorted(path.name for path in (checkout / "found").iterdir()) == found


class Found(NamedTuple):
    """What one night found, and the number of the issue that is open."""

    known: str = ""
    found: str = ""
    complete: str = "true"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("night", "call"),
    [
        (Found(found="### test\n"), "issue create --title Environments are not as declared "),
        (Found("7", "### test\n"), "issue edit 7 --body-file body.md"),
        (Found("7"), "issue close 7 --comment No more findings: run"),
        (Found("7", complete="false"), ""),  # somebody could not look
        (Found(), ""),
    ],
)
def test_there_is_one_issue_which_is_kept_up_to_date(
    job: Any, checkout: Path, tmp_path: Path, night: Found, call: str
) -> None:
    (checkout / "found").mkdir()
    if night.found:
        (checkout / "found" / "test.md").write_text(night.found)
    ran = job("drift", "issue", "gh issue", KNOWN=night.known, COMPLETE=night.complete, RUN="run")
    assert ran.returncode == 0, ran.stderr
    listing, *calls = (tmp_path / "calls").read_text().splitlines()
    assert listing.startswith("issue list --state open")
    assert [one[: len(call)] for one in calls] == [call] * bool(call)
    if night.found:
        assert (checkout / "body.md").read_text().endswith("\n### test\n")
