"""The command line against the local AWS, with the real layers."""

from __future__ import annotations

import io
import json
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.cli.main import main
from tapgen.payments.layers.registry import LAYERS
from tests.cli.json_output import check
from tests.paths import ROOT
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.client import LocalAws
    from tests.lab import Lab

SHIPPED = ROOT / "envs"
EVERY = [layer.name for layer in LAYERS]
OPEN = "  authorization: none\n"
WITHOUT_DOMAIN = [name for name in EVERY if name not in {"zone", "certificate", "dns"}]


@dataclass
class Result:
    code: int
    out: str
    err: str

    def outcomes(self) -> dict[str, str]:
        """Layer -> kind of outcome, from the last line of `--format json`."""
        last = json.loads(self.out.splitlines()[-1])
        (outcomes,) = last["environments"].values()
        return {layer: outcome["kind"] for layer, outcome in outcomes.items()}

    def layers(self) -> dict[str, Any]:
        """Layer -> what `status` tells of its stack in the one environment."""
        found: dict[str, Any]
        (found,) = json.loads(self.out)["environments"].values()
        return found


@dataclass
class CommandLine:
    """tapgen, run in the project of the shared local AWS, with environments of its own."""

    envs: Path
    capsys: pytest.CaptureFixture[str]

    def __call__(self, command: str, *arguments: str) -> Result:
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([command, *arguments, "--local", "--envs-dir", str(self.envs)])
        captured = self.capsys.readouterr()
        assert isinstance(ended.value.code, int)
        check([command, *arguments], captured.out)
        return Result(ended.value.code, captured.out, captured.err)

    def environment(self, name: str, account: str, *edits: tuple[str, str], of: str = "") -> None:
        """Copy a shipped environment into an account of its own, with some lines edited."""
        text = (SHIPPED / f"{of or name}.yaml").read_text()
        text = re.sub(r'account_id: "\d+"', f'account_id: "{account}"', text)
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        (self.envs / f"{name}.yaml").write_text(text)

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.envs / f"{name}.yaml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))


@pytest.fixture
def tapgen(
    local_aws: LocalAws,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> CommandLine:
    monkeypatch.chdir(local_aws.directory.parents[1])
    envs = tmp_path / "envs"
    envs.mkdir()
    (envs / "common.yaml").write_text((SHIPPED / "common.yaml").read_text())
    return CommandLine(envs, capsys)


def executions(lab: Lab, *layers: str) -> int:
    """How many operations the stacks have seen."""
    client = lab.client("cloudformation")
    return sum(
        len(client.describe_stack_events(StackName=f"payments-dev-{layer}")["StackEvents"])
        for layer in layers
    )


@pytest.mark.slow
def test_an_environment_from_nothing_to_nothing(tapgen: CommandLine, lab: Lab) -> None:
    tapgen.environment("dev", lab.account)
    assert tapgen("status", "--env", "dev").out.count("ABSENT") == len(EVERY)
    nothing = tapgen("outputs", "--env", "dev")
    assert (nothing.code, "no layer of dev is deployed" in nothing.err) == (1, True)

    first = tapgen("deploy", "--env", "dev", "--yes", "--format", "json")
    assert first.code == 0
    assert first.outcomes() == dict.fromkeys(EVERY, "Created")

    before = executions(lab, *EVERY)
    again = tapgen("deploy", "--env", "dev", "--yes", "--format", "json")
    assert (again.code, again.outcomes()) == (0, dict.fromkeys(EVERY, "Unchanged"))
    assert executions(lab, *EVERY) == before
    assert tapgen("plan", "--env", "dev", "--exit-code").code == 0

    tapgen.edit("dev", "memory_mb: 512", "memory_mb: 640")
    assert tapgen("plan", "--env", "dev", "--exit-code").code == 3
    changed = tapgen("deploy", "--env", "dev", "--yes", "--format", "json")
    updated = {layer for layer, kind in changed.outcomes().items() if kind == "Updated"}
    assert (changed.code, updated) == (0, {"compute"})

    check_reports(tapgen, lab)
    check_data_survives(tapgen, lab)

    purged = tapgen("destroy", "--env", "dev", "--yes", "--purge-data")
    assert purged.code == 0
    assert "retained resources were deleted permanently" in purged.err
    assert lab.client("dynamodb").list_tables()["TableNames"] == []
    assert lab.client("s3").list_buckets()["Buckets"] == []
    assert user_pools(lab) == []


def check_reports(tapgen: CommandLine, lab: Lab) -> None:
    """What `outputs` and `status` print in each of their forms."""
    shown = json.loads(tapgen("outputs", "--env", "dev", "--format", "json").out)["layers"]
    assert list(shown) == EVERY
    assert shown["data"]["TransactionsTableName"] == "payments-dev-transactions"
    assert shown["cdn"]["SiteUrl"] == "https://dev.api.example.com"

    table = tapgen("outputs", "--env", "dev", "--layer", "data")
    assert re.search(r"data +TransactionsTableName +payments-dev-transactions", table.out)
    dotenv = tapgen("outputs", "--env", "dev", "--format", "dotenv").out.splitlines()
    assert 'DATA_TRANSACTIONS_TABLE_NAME="payments-dev-transactions"' in dotenv

    told = tapgen("outputs", "--env", "dev", "--format", "flat")
    assert told.out == "wrote cfn-outputs/flat-outputs.json\n"
    flat = json.loads(Path("cfn-outputs/flat-outputs.json").read_text())
    assert flat["data.TransactionsTableName"] == "payments-dev-transactions"
    assert (flat["environment"], flat["account_id"]) == ("dev", lab.account)

    states = tapgen("status", "--env", "dev", "--format", "json").layers()
    assert {layer: state["status"] for layer, state in states.items()} == {
        layer: "UPDATE_COMPLETE" if layer == "compute" else "CREATE_COMPLETE" for layer in EVERY
    }
    assert states["data"]["stack"] == "payments-dev-data"
    assert not states["data"]["termination_protection"]
    assert "payments-dev-observability" in tapgen("status", "--env", "dev").out


def check_data_survives(tapgen: CommandLine, lab: Lab) -> None:
    """Destroy, deploy again: what was stored is still there."""
    item = {"transactionId": {"S": "t-1"}, "timestamp": {"N": "1"}}
    table, bucket = "payments-dev-transactions", f"payments-dev-api-logs-{lab.account}-us-east-1"
    lab.client("dynamodb").put_item(TableName=table, Item=item)
    lab.client("s3").put_object(Bucket=bucket, Key="kept", Body=b"log")

    pools = user_pools(lab)
    assert [name for name, _ in pools] == ["payments-dev-callers"]

    gone = tapgen("destroy", "--env", "dev", "--yes")
    assert gone.code == 0
    assert re.search(rf"data +AWS::DynamoDB::Table +{table}", gone.out)
    assert "--purge-data --envs-dir" in gone.err
    assert tapgen("status", "--env", "dev").out.count("ABSENT") == len(EVERY)

    changed = {
        "protection: false": "protection: true",
        "cost_center: DEV-001": "cost_center: DEV-002",
        "read_capacity: 5\n": "read_capacity: 8\n",
        "point_in_time_recovery: false": "point_in_time_recovery: true",
        "logs_days: 7\n": "logs_days: 60\n",
        "cloudwatch_days: 7\n": "cloudwatch_days: 30\n",
    }
    for old, new in changed.items():
        tapgen.edit("dev", old, new)
    back = tapgen("deploy", "--env", "dev", "--yes", "--format", "json")
    assert (back.code, back.outcomes()) == (0, dict.fromkeys(EVERY, "Created"))
    found = lab.client("dynamodb").get_item(TableName=table, Key=item)
    assert found["Item"] == item
    assert user_pools(lab) == pools
    assert lab.client("s3").get_object(Bucket=bucket, Key="kept")["Body"].read() == b"log"
    # What was changed while it was away is as declared, and now it cannot be purged by mistake.
    verified = tapgen("verify", "--env", "dev")
    assert verified.code == 0, verified.out
    again = tapgen("deploy", "--env", "dev", "--yes", "--format", "json")
    assert again.outcomes() == dict.fromkeys(EVERY, "Unchanged")
    assert tapgen("destroy", "--env", "dev", "--yes", "--purge-data").code == 4
    tapgen.edit("dev", "protection: true", "protection: false")
    unprotecting = tapgen("deploy", "--env", "dev", "--yes", "--allow-unprotect")
    assert unprotecting.code == 0, unprotecting.err


def user_pools(lab: Lab) -> list[tuple[str, str]]:
    """Names and ids."""
    found = lab.client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"]
    return [(pool["Name"], pool["Id"]) for pool in found]


@pytest.mark.slow
def test_without_a_domain_a_failure_and_the_way_back(
    tapgen: CommandLine, lab: Lab, faults: Callable[[dict[str, Any]], None]
) -> None:
    tapgen.environment(
        "dev", lab.account, ("domain: dev.api.example.com\n", ""), ("api:\n", f"api:\n{OPEN}")
    )
    faults({"create:TransactionsTable": "the table is not to be"})
    failed = tapgen("deploy", "--env", "dev", "--yes")
    assert failed.code == 1
    assert "data.TransactionsTable (AWS::DynamoDB::Table): " in failed.err
    assert "the table is not to be" in failed.err
    assert "ROLLBACK_COMPLETE" in failed.err
    assert "skipped: storage" in failed.err
    assert re.search(r"network +created", failed.err)

    faults({})
    recovered = tapgen("deploy", "--env", "dev", "--yes", "--format", "json")
    assert recovered.code == 0
    others = [layer for layer in WITHOUT_DOMAIN if layer not in {"network", "identity"}]
    assert recovered.outcomes() == {**dict.fromkeys(others, "Created"), "network": "Unchanged"}
    shown = json.loads(tapgen("outputs", "--env", "dev", "--format", "json").out)["layers"]
    assert shown["cdn"]["SiteUrl"].endswith(".cloudfront.net")

    refused = tapgen("destroy", "--env", "dev", "--yes", "--layer", "compute")
    assert refused.code == 4
    assert "would lose inputs from compute" in refused.err
    assert "--layer api --layer cdn --layer observability" in refused.err
    wrong = tapgen("deploy", "--env", "dev", "--yes", "--layer", "zone")
    assert (wrong.code, "this environment has no layer 'zone'" in wrong.err) == (2, True)
    check_callers(tapgen, lab)


def check_callers(tapgen: CommandLine, lab: Lab) -> None:
    """An open API begins to ask for tokens, and clients see it: the stage gets a new deployment."""

    def snapshot() -> str:
        gateway = lab.client("apigateway")
        (api,) = gateway.get_rest_apis()["items"]
        stage = gateway.get_stage(restApiId=api["id"], stageName="v1")
        return str(stage["deploymentId"])

    def operations() -> set[str]:
        """What `verify` called of the live API, all of it as it should be."""
        ran = tapgen("verify", "--env", "dev", "--format", "json")
        assert ran.code == 0, ran.out
        return {
            one["logical_id"] for one in json.loads(ran.out)["checks"] if one["layer"] == "live API"
        }

    before = snapshot()
    assert "POST payment" in (opened := operations())
    assert not {name for name in opened if "token" in name}
    tapgen.edit("dev", OPEN, "")
    ran = tapgen("deploy", "--env", "dev", "--yes", "--format", "json")
    made = {layer: kind for layer, kind in ran.outcomes().items() if kind != "Unchanged"}
    assert (ran.code, made) == (0, {"identity": "Created", "api": "Updated"})
    assert snapshot() != before
    assert operations() > {*opened, "POST /transactions without token"}


@pytest.mark.slow
def test_environments_side_by_side_each_in_its_account(tapgen: CommandLine, lab: Lab) -> None:
    accounts = {
        "staging": lab.account,
        "prod": f"71{lab.account[2:]}",
        "qa": f"72{lab.account[2:]}",
    }
    tapgen.environment("staging", accounts["staging"])
    tapgen.environment("prod", accounts["prod"])
    edits = [
        ("name: dev\n", "name: qa\nregion: eu-west-1\n"),
        ("10.10.0.0/16", "10.40.0.0/16"),
        ("dev.api.example.com", "qa.api.example.com"),
    ]
    tapgen.environment("qa", accounts["qa"], *edits, of="dev")
    for name in accounts:
        ran = tapgen("deploy", "--env", name, "--yes", "--format", "json")
        assert (name, ran.code, ran.outcomes()) == (name, 0, dict.fromkeys(EVERY, "Created"))

    regions = {
        layer: state["region"]
        for layer, state in tapgen("status", "--env", "qa", "-f", "json").layers().items()
    }
    assert {layer for layer, region in regions.items() if region == "us-east-1"} == {
        "certificate",
        "cdn",
    }
    assert set(regions.values()) == {"us-east-1", "eu-west-1"}

    states = tapgen("status", "--env", "prod", "--format", "json").layers()
    assert {layer: state["termination_protection"] for layer, state in states.items()} == (
        dict.fromkeys(EVERY, True)
    )
    refused = tapgen("destroy", "--env", "prod", "--yes")
    assert (refused.code, "prod is protected" in refused.err) == (4, True)
    # Emptying one account leaves the others as they are.
    assert tapgen("destroy", "--env", "qa", "--yes", "--purge-data").code == 0
    again = tapgen("deploy", "--env", "staging", "--yes", "--format", "json")
    assert again.outcomes() == dict.fromkeys(EVERY, "Unchanged")


class Terminal(io.StringIO):
    """Standard input with somebody in front of it."""

    def isatty(self) -> bool:
        return True


def stacks(lab: Lab) -> list[str]:
    """Stacks of the account, shells among them."""
    stacks = lab.client("cloudformation").describe_stacks()["Stacks"]
    return [stack["StackName"] for stack in stacks]


@pytest.mark.parametrize("answer", ["n\n", "\n"])
def test_a_declined_plan_is_cleaned_up(
    tapgen: CommandLine, lab: Lab, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tapgen.environment("dev", lab.account)
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    ran = tapgen("deploy", "--env", "dev", "--layer", "zone")
    assert ran.code == 1
    assert "Deploy this to dev?" in ran.err
    assert "Nothing was changed." in ran.err
    assert stacks(lab) == []


def test_without_a_terminal_yes_is_needed(
    tapgen: CommandLine, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    tapgen.environment("dev", lab.account)
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    ran = tapgen("deploy", "--env", "dev", "--layer", "zone")
    assert ran.code == 2
    assert "there is no terminal to ask on" in ran.err
    assert "--yes" in ran.err
    assert stacks(lab) == []


def test_ctrl_c_at_the_question_is_cleaned_up(
    tapgen: CommandLine, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    tapgen.environment("dev", lab.account)
    monkeypatch.setattr("sys.stdin", Terminal(""))
    assert tapgen("deploy", "--env", "dev", "--layer", "zone").code == 130
    assert stacks(lab) == []


def test_a_protected_environment_wants_its_name(
    tapgen: CommandLine, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    tapgen.environment("staging", lab.account)
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    assert "Nothing was changed." in tapgen("deploy", "--env", "staging", "-l", "zone").err
    assert stacks(lab) == []
    monkeypatch.setattr("sys.stdin", Terminal("staging\n"))
    assert tapgen("deploy", "--env", "staging", "-l", "zone").code == 0
    assert stacks(lab) == ["payments-staging-zone"]


def test_a_destruction_that_is_declined_changes_nothing(
    tapgen: CommandLine, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    tapgen.environment("dev", lab.account)
    assert tapgen("deploy", "--env", "dev", "-l", "zone", "--yes", "--quiet").code == 0
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    ran = tapgen("destroy", "--env", "dev", "--layer", "zone")
    assert (ran.code, "Nothing was changed." in ran.err) == (1, True)
    assert stacks(lab) == ["payments-dev-zone"]
    gone = tapgen("destroy", "--env", "dev", "-l", "zone", "--yes", "--format", "json")
    assert (gone.code, gone.outcomes()) == (0, {"zone": "Deleted"})


@pytest.mark.slow
def test_ctrl_c_in_a_deployment_says_what_goes_on(
    tapgen: CommandLine, lab: Lab, faults: Callable[[dict[str, Any]], None]
) -> None:
    tapgen.environment("dev", lab.account)
    faults({"hold": ["*"]})
    arguments = ["deploy", "--env", "dev", "-l", "zone", "--local", "--envs-dir", str(tapgen.envs)]
    process = subprocess.Popen(
        [sys.executable, "-m", "tapgen", *arguments, "--yes"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said = ""
    while "create started" not in said:
        line = process.stderr.readline()
        assert line, f"it ended by itself: {said}"
        said += line
    wait_until(lambda: status(lab) == "CREATE_IN_PROGRESS")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130
    assert "AWS continues with zone (stack payments-dev-zone)" in said
    assert "`tapgen status --env dev" in said

    faults({})
    again = tapgen("deploy", "--env", "dev", "-l", "zone", "--yes", "--format", "json")
    assert (again.code, again.outcomes()) == (0, {"zone": "Unchanged"})


def status(lab: Lab) -> str:
    stack = lab.client("cloudformation").describe_stacks(StackName="payments-dev-zone")["Stacks"][0]
    return str(stack["StackStatus"])
