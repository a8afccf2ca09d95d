"""A function goes live in steps: what is told where it went back, and how its fix gets out."""

from __future__ import annotations

import json
import shlex
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.advice import advised, call_aws, told_commands
from tests.cli.approving import Approvers
from tests.conftest import aws_client
from tests.environment_files import set_apart
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.client import LocalAws
    from tests.cli.conftest import Run

pytestmark = pytest.mark.slow

REGION = "eu-west-1"
WORKER = "rolling-test-worker"
PREFIX = "rolling-test"
LINEAR = "LambdaLinear10PercentEvery1Minute"
ONE_LAYER = ("--layer", "jobs")
COMMON = "project: rolling\nregion: eu-west-1\nprotection: false\n"
TEST = """\
name: test
account_id: "100000000000"
worker: {release: v1, breaks: false, rollout: canary}
"""


@pytest.fixture
def envs(tmp_path: Path) -> Path:
    folder = tmp_path / "envs"
    folder.mkdir()
    (folder / "common.yaml").write_text(COMMON)
    (folder / "test.yaml").write_text(TEST)
    return folder


@pytest.fixture
def functions(envs: Path, local_aws: LocalAws) -> Any:
    """A client of Lambda in the environment's account, which no other test has."""
    return aws_client(local_aws, "lambda", set_apart(envs / "test.yaml", 7), REGION)


@pytest.fixture
def run(envs: Path, local_aws: LocalAws, tapgen: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("TAPGEN_PLATFORM", "tests.cli.rolling:PLATFORM")
    monkeypatch.chdir(local_aws.directory.parents[1])
    options = ("--env", "test", "--local", "--envs-dir", str(envs))
    return lambda command, *more: tapgen(command, *options, *more)


def edit(envs: Path, old: str, new: str) -> None:
    path = envs / "test.yaml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def share(functions: Any) -> Any:
    """What new versions get of the calls, while they do not get all."""
    alias = functions.get_alias(FunctionName=WORKER, Name="live")
    return alias.get("RoutingConfig", {}).get("AdditionalVersionWeights")


def call(functions: Any) -> Any:
    answer = functions.invoke(FunctionName=f"{WORKER}:live")
    return None if "FunctionError" in answer else json.load(answer["Payload"])


def test_a_bad_version_goes_back_by_itself_and_its_fix_gets_out_by_a_plan(
    envs: Path, functions: Any, run: Run, faults: Callable[[dict[str, Any]], None], tmp_path: Path
) -> None:
    assert run("deploy", "--yes").code == 0

    def meet() -> None:
        """The first call after the first step meets the new version; then the shift goes on."""
        wait_until(lambda: share(functions), "a shift")
        assert call(functions) is None
        faults({})

    faults({"shifts": [WORKER]})
    edit(envs, "release: v1, breaks: false", "release: v2, breaks: true")
    with ThreadPoolExecutor() as pool:
        caller = pool.submit(meet)
        ran = run("deploy", *ONE_LAYER, "--rollout", "linear", "--reason", "v2 is out", "--yes")
    caller.result()
    assert ran.code == 1
    assert f"traffic of {WORKER}: 10 % to version 2" in ran.err
    cause, status, advice = ran.err.splitlines()[-4:-1]
    rings = f"the alarm {WORKER}-errors is in ALARM: Threshold Crossed"
    assert "jobs.Alias (AWS::Lambda::Alias)" in cause
    assert rings in cause
    assert status.endswith("UPDATE_ROLLBACK_COMPLETE")
    assert "All traffic goes to the old version again." in advice
    again = "tapgen deploy --env test --layer jobs"
    place = f"--envs-dir {envs} --local"
    assert f"is on: `{again} --reason 'v2 is out' --rollout at-once {place}`" in advice
    assert f"run `{again} --rollout linear --reason 'v2 is out' {place}`" in advice
    assert call(functions) == "v1"
    newest, _ = run("history").out.splitlines()[1:]
    assert newest.split()[0] == "2"
    assert "failed" in newest
    assert rings in run("history", "2").out

    edit(envs, "release: v2, breaks: true", "release: v3, breaks: false")
    refused = run("deploy", "--yes")
    assert (refused.code, "say so: --rollout at-once" in refused.err) == (4, True)

    planned = run("plan", "--format", "json")
    (rollout,) = json.loads(planned.out)["environments"]["test"]["jobs"]["rollouts"]
    assert (rollout["function"], rollout["seconds"]) == (WORKER, 300)
    path = tmp_path / "plan.json"
    assert run("plan", "--rollout", "at-once", "--out", str(path)).code == 0
    other = run("deploy", "--plan", str(path), "--rollout", "linear", "--yes")
    assert other.code == 4
    assert "jobs: setting worker.rollout was at-once, is linear" in other.err
    assert f"`tapgen plan --env test --rollout at-once --out FILE {place}`" in other.err
    assert run("deploy", "--plan", str(path), "--yes").code == 0
    assert call(functions) == "v3"


@pytest.fixture
def there(envs: Path, functions: Any, local_aws: LocalAws) -> Any:
    """The environment's account, as far as the AWS CLI needs it."""
    account = set_apart(envs / "test.yaml", 7)
    return SimpleNamespace(
        connection=SimpleNamespace(endpoint_url=local_aws.endpoint_url),
        client=lambda service, region: aws_client(local_aws, service, account, region),
    )


def test_callers_who_cannot_shift_back_by_themselves_are_moved_back_as_is_advised(
    envs: Path, run: Run, tapgen: Run, faults: Callable[[dict[str, Any]], None], there: Any
) -> None:
    """All traffic is at a bad version when something else fails, so its alarm rings by then."""
    assert run("deploy", "--yes").code == 0
    alarms, functions = there.client("cloudwatch", REGION), there.client("lambda", REGION)

    def at() -> Any:
        return functions.get_alias(FunctionName=WORKER, Name="live")["FunctionVersion"]

    def meet() -> None:
        wait_until(lambda: at() == "2", "all traffic at version 2")
        assert call(functions) is None
        wait_until(lambda: alarms.describe_alarms(StateValue="ALARM")["MetricAlarms"], "an alarm")
        faults({"update:Late": "out of luck"})

    faults({"hold": ["Late"]})
    edit(envs, "release: v1, breaks: false", "release: v2, breaks: true")
    with ThreadPoolExecutor() as pool:
        caller = pool.submit(meet)
        ran = run("deploy", "--yes")
    caller.result()
    faults({})
    assert "UPDATE_ROLLBACK_FAILED" in ran.err
    assert "jobs.Late (AWS::SSM::Parameter): out of luck" in ran.err
    stays = f"Traffic of {WORKER} stays at the new version: CodeDeploy does not shift it back"
    assert f"{stays}, because an alarm is in ALARM ({WORKER}-errors)." in ran.err
    assert call(functions) is None

    (move,) = told_commands(ran.err, "aws")
    recover, plainly, deploy = advised(ran.err)
    assert "--skip-resource" not in plainly
    vain = tapgen(*shlex.split(plainly), "--yes")
    assert (vain.code, told_commands(vain.err, "aws")) == (1, [move])
    assert recover in advised(vain.err)
    call_aws(there, move)
    assert call(functions) == "v1"
    assert deploy.startswith("deploy --env test ")
    recovered = tapgen(*shlex.split(recover), "--yes")
    assert recovered.code == 0, recovered.err
    assert "(ContinueUpdateRollback), skipping jobs.Alias\n" in recovered.err
    assert call(functions) == "v1"
    edit(envs, "release: v2, breaks: true", "release: v3, breaks: false")
    assert run("deploy", "--rollout", "at-once", "--yes").code == 0
    assert call(functions) == "v3"


def test_an_approved_plan_shifts_in_the_steps_that_were_approved(
    envs: Path,
    run: Run,
    tapgen: Run,
    local_aws: LocalAws,
    faults: Callable[[dict[str, Any]], None],
) -> None:
    approvers = Approvers(local_aws, set_apart(envs / "test.yaml", 7), "test", PREFIX, REGION)
    approvers.prepare()
    assert run("deploy", "--yes").code == 0
    edit(envs, "release: v1", "release: v2")
    path = envs / "test.yaml"
    path.write_text(path.read_text() + approvers.settings)
    plan = envs.parent / "plan.json"
    assert run("plan", "--rollout", "linear", "--out", str(plan)).code == 0
    plan_digest = approvers.resealed(plan, "carla")
    approved = tapgen("approve", str(plan), "--local", "--envs-dir", str(envs), "--yes")
    assert approved.code == 0
    assert "test: 1 of 2 approvals" in approved.err
    steps = f"traffic of {WORKER} shifts in steps, about 10 minutes (CodeDeployDefault.{LINEAR})"
    assert steps in approved.err
    lacking = run("deploy", "--plan", str(plan), "--yes")
    assert (lacking.code, "test needs 2 approvals of this plan" in lacking.err) == (4, True)
    for person in ("anna", "bob"):
        approvers.put(approvers.signed(person, plan_digest))
    other = run("deploy", "--plan", str(plan), "--rollout", "canary", "--yes")
    assert (other.code, "worker.rollout was linear, is canary" in other.err) == (4, True)

    faults({"shifts": [WORKER]})
    functions = aws_client(local_aws, "lambda", approvers.account, REGION)
    with ThreadPoolExecutor() as pool:
        shift = pool.submit(wait_until, lambda: share(functions), "a shift")
        shift.add_done_callback(lambda _: faults({}))
        ran = run("deploy", "--plan", str(plan), "--yes")
    assert ran.code == 0, ran.err
    assert f"traffic of {WORKER}: 10 % to version 2" in ran.err
    codedeploy = aws_client(local_aws, "codedeploy", approvers.account, REGION)
    (made,) = codedeploy.list_deployments()["deployments"]
    told = codedeploy.get_deployment(deploymentId=made)["deploymentInfo"]
    assert told["deploymentConfigName"] == f"CodeDeployDefault.{LINEAR}"
    assert call(functions) == "v2"
    record = json.loads(run("history", "1", "--format", "json").out)
    assert '"Rollout": "linear"' in json.dumps(record)
