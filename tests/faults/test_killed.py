"""SIGKILL at any moment: the next run attaches to what is in progress, and nothing is lost."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from tapgen.deploy.flow.events import Note, Within
from tapgen.deploy.target.lock import machine
from tests.conftest import aws_client
from tests.paths import ROOT
from tests.predicaments import mending
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.local.client import LocalAws
    from tests.faults.world import World

    Faults = Callable[[dict[str, object]], None]

SHIPPED = ROOT / "envs"

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", range(4))
def test_the_run_after_a_kill_converges(world: World, faults: Faults, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - reproducible on purpose
    world.deploy("one")
    world.fill()
    faults({"delay": {"*": 0.1}})
    process = world.process("deploy", "two", world.local.endpoint_url)
    world.kill(process, chance.uniform(0.0, 1.5))
    faults({})
    assert world.converge("two") <= 2
    world.assert_kept()
    world.assert_as_if_undisturbed("two")


def test_what_is_in_progress_is_watched_to_its_end(world: World, faults: Faults) -> None:
    faults({"hold": ["Note", "Zone"]})
    process = world.process("deploy", "one", world.local.endpoint_url)
    wait_until(lambda: "CREATE_IN_PROGRESS" in world.working())
    assert world.kill(process, 0.0)
    host = mending(faults)
    world.deploy("one", host=host)
    events = [event.event for event in host.events if isinstance(event, Within)]
    said = [event.text for event in events if isinstance(event, Note)]
    assert "CREATE_IN_PROGRESS from an earlier run: watching it to its end" in said
    assert world.converge("one") == 1
    world.assert_as_if_undisturbed("one")


def test_change_sets_that_a_killed_run_left_are_swept_but_not_those_of_others(
    world: World,
) -> None:
    world.deploy("one")
    client = world.lab.client("cloudformation")
    for name in ("tapgen-0123456789abcdef", "tapgen-0123456789abcdef-plan-1", "somebody-s"):
        client.create_change_set(
            StackName="lab-zone",
            ChangeSetName=name,
            UsePreviousTemplate=True,
            Parameters=[{"ParameterKey": "Value", "ParameterValue": name}],
        )
    # A run that was killed leaves its lock, too; without one nobody looks.
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    world.lab.client("ssm").put_parameter(
        Name="/tapgen/lab/lock",
        Type="String",
        Value=json.dumps({"machine": machine(), "pid": process.pid, "unfinished": ["zone"]}),
        Overwrite=True,
    )
    assert world.converge("one") == 1
    assert sorted(world.lab.change_sets("zone")) == ["somebody-s", "tapgen-0123456789abcdef-plan-1"]


@pytest.mark.parametrize("seed", range(3))
def test_the_command_itself_may_be_killed(local_aws: LocalAws, tmp_path: Path, seed: int) -> None:
    """`tapgen deploy` of the real tables and buckets, with an item in a table made so far."""
    chance = random.Random(f"command {seed}")  # noqa: S311 - reproducible on purpose
    account = f"59000000000{seed}"
    for name in ("common", "dev"):
        text = (SHIPPED / f"{name}.yaml").read_text()
        (tmp_path / f"{name}.yaml").write_text(re.sub(r'"\d{12}"', f'"{account}"', text))
    where = ["--env", "dev", "--envs-dir", str(tmp_path), "--local", "-l", "data", "-l", "storage"]

    def command(*words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "tapgen", *words, *where],
            cwd=local_aws.directory.parents[1],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    killed = command("deploy", "--yes")
    assert killed.stdout is not None
    killed.stdout.readline()
    time.sleep(chance.uniform(0.0, 2.5))
    killed.kill()
    killed.communicate()
    dynamodb = aws_client(local_aws, "dynamodb", account, "us-east-1")
    row = {"TableName": "payments-dev-sessions", "Item": {"sessionId": {"S": "kept"}}}
    made = False
    with suppress(ClientError):  # there may be no table yet
        dynamodb.put_item(**row)
        made = True
    again = command("deploy", "--yes")
    said, _ = again.communicate()
    assert again.returncode == 0, said
    nothing_left = command("plan", "--exit-code")
    said, _ = nothing_left.communicate()
    assert nothing_left.returncode == 0, said
    assert bool(dynamodb.scan(TableName="payments-dev-sessions")["Items"]) == made
    ssm = aws_client(local_aws, "ssm", account, "us-east-1")
    (lock,) = ssm.get_parameters_by_path(Path="/", Recursive=True)["Parameters"]
    assert json.loads(lock["Value"])["over"]


@pytest.mark.parametrize("seed", range(3))
def test_who_takes_something_over_may_be_killed(
    local_aws: LocalAws, tmp_path: Path, faults: Faults, seed: int
) -> None:
    """`tapgen adopt` of a hosted zone without a stack, killed, then once more."""
    chance = random.Random(f"adopt {seed}")  # noqa: S311 - reproducible on purpose
    account = f"59100000000{seed}"
    for name in ("common", "dev"):
        text = (SHIPPED / f"{name}.yaml").read_text()
        text = re.sub(r'"\d{12}"', f'"{account}"', text)
        (tmp_path / f"{name}.yaml").write_text(text.replace("dev.api.", f"a{account}."))
    route53 = aws_client(local_aws, "route53", account, "us-east-1")
    made = route53.create_hosted_zone(Name=f"a{account}.example.com", CallerReference="by hand")
    where = ["--env", "dev", "--envs-dir", str(tmp_path), "--local", "-l", "zone"]

    def adopt() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "tapgen", "adopt", *where, "--yes"],
            cwd=local_aws.directory.parents[1],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    faults({"delay": {"*": 0.2}})
    killed = adopt()
    assert killed.stdout is not None
    killed.stdout.readline()
    time.sleep(chance.uniform(0.0, 1.5))
    killed.kill()
    killed.communicate()
    faults({})
    again = adopt()
    said, _ = again.communicate()
    assert again.returncode == 0, said
    last = adopt()
    said, _ = last.communicate()
    assert "nothing to take over" in said
    cloudformation = aws_client(local_aws, "cloudformation", account, "us-east-1")
    resources = cloudformation.list_stack_resources(StackName="payments-dev-zone")
    held = {r["ResourceType"]: r["PhysicalResourceId"] for r in resources["StackResourceSummaries"]}
    zone = made["HostedZone"]["Id"].removeprefix("/hostedzone/")
    assert held["AWS::Route53::HostedZone"] == zone
