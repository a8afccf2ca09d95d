"""A small environment whose deployment is disturbed: a diamond with a table and a bucket, and more.

    network <- data, storage <- compute        zone

Each version changes every stack. What `snapshot` gives is what has to be the same in the end,
whatever happened on the way.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import repeat
from pathlib import Path
from typing import Any, Final
from unittest import mock

from botocore.exceptions import ClientError
from botocore.retries.standard import ExponentialBackoff

from tapgen.aws.account import Connection
from tapgen.aws.cloudformation.watch import Poller
from tapgen.deploy.flow.host import SILENT, Host
from tapgen.deploy.rescue.recover import Recovery
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.run.destroy import Destruction
from tapgen.deploy.run.fleet import Fleet
from tapgen.deploy.stack.interrupt import Interrupt
from tapgen.deploy.target.lock import alone
from tapgen.deploy.target.run import Run
from tapgen.deploy.target.target import Target
from tapgen.local.client import LocalAws
from tapgen.model.deployed.events import Outcome
from tapgen.model.layer import outputs_of
from tapgen.model.plan import NoChange
from tapgen.model.stack import Stack
from tapgen.payments.platform import PLATFORM
from tests.lab import CODE, Lab
from tests.paths import ROOT
from tests.waiting import wait_until

ITEM: Final = {"id": {"S": "kept"}}
OBJECT: Final = "kept"
# The template names a bucket after the account, so the seals of two accounts differ.
_SEAL: Final = re.compile(
    r"""(TapgenSeal\\*": (?:\{[^{}]*Value\\*": )?\\*")[0-9a-f]{16}"""  # output or template
)
# A rollback to what is wanted cannot be told from it: there is nothing left to update.
_AT_REST: Final = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"})


@contextmanager
def hurried() -> Iterator[None]:
    """Waits of milliseconds where real ones are seconds; everything else is as it is."""
    quick = partial(Poller, pauses=lambda *_: repeat(0.02))
    with (
        mock.patch.object(ExponentialBackoff, "delay_amount", return_value=0.005),
        mock.patch("tapgen.aws.patience._pause", return_value=0.005),
        mock.patch("tapgen.aws.accounts.Poller", lambda api, *_: quick(api)),
        mock.patch("tapgen.aws.cloudformation.change_sets.intervals", return_value=repeat(0.02)),
    ):
        yield


@dataclass
class World:
    """One account of the local AWS, and the environment `lab` in it."""

    local: LocalAws
    account: str
    protected: bool = False
    lab: Lab = field(init=False)

    def __post_init__(self) -> None:
        self.lab = Lab(self.local, self.account)

    @property
    def bucket(self) -> str:
        return f"lab-{self.account}"

    def stacks(self, version: str) -> tuple[Stack, ...]:
        lab = self.lab
        bucket = {
            "Type": "AWS::S3::Bucket",
            "DeletionPolicy": "RetainExceptOnCreate",
            "UpdateReplacePolicy": "Retain",
            "Properties": {"BucketName": self.bucket},
        }
        second = {"Second": lab.note()} if version == "two" else {}
        common: dict[str, Any] = {"protected": self.protected, "parameters": {"Value": version}}
        note = lab.note({"Ref": "Value"})
        below = outputs_of("network", "Id")
        return (
            lab.stack("network", {"Note": note}, outputs={"Id": {"Ref": "Value"}}, **common),
            lab.stack(
                "data",
                {"Table": lab.table("lab-items"), "DataNote": lab.note({"Ref": "Id"}), **second},
                inputs=below,
                outputs={"TableName": {"Ref": "Table"}},
                **common,
            ),
            lab.stack(
                "storage",
                {"Bucket": bucket, "StorageNote": lab.note({"Ref": "Id"})},
                inputs=below,
                outputs={"BucketName": {"Ref": "Bucket"}, "Id": {"Ref": "Id"}},
                **common,
            ),
            lab.stack(
                "compute",
                {"Far": lab.note({"Ref": "TableName"}), "Here": note, **second},
                inputs={
                    **outputs_of("data", "TableName"),
                    **outputs_of("storage", "BucketName", "Id"),
                },
                **common,
            ),
            lab.stack("zone", {"Zone": note}, **common),
        )

    def target(self, version: str, endpoint: str | None = None) -> Target:
        connection = Connection(endpoint_url=endpoint or self.local.endpoint_url, local=True)
        return Target.of(PLATFORM, self.stacks(version), CODE, connection, " --local")

    def fleet(self, version: str, endpoint: str | None = None) -> Fleet:
        def nowhere(name: str) -> Target:
            raise LookupError(name)

        target = self.target(version, endpoint)
        return Fleet([Deployment(Run.on(target), target.graph)], {}, nowhere)

    def deploy(
        self, version: str, endpoint: str | None = None, host: Host = SILENT
    ) -> Mapping[str, Outcome]:
        """What `tapgen deploy --yes` does, less the views. What the host raises breaks it off."""
        fleet = self.fleet(version, endpoint)
        with fleet.held("deploy", host, look_first=False):
            fleet.plan(host)
            fleet.carry_out(host, Interrupt())
        return fleet.outcomes["lab"]

    def destroy(self, version: str, endpoint: str, host: Host = SILENT) -> Mapping[str, Outcome]:
        """The same for `tapgen destroy --yes`."""
        run = Run.on(self.target(version, endpoint), host)
        with alone(run, "destroy"):
            destruction = Destruction(run, run.target.graph)
            destruction.check()
            return destruction.carry_out(Interrupt())

    def process(self, command: str, version: str, endpoint: str) -> subprocess.Popen[bytes]:
        """The same in a process of its own, which can be killed."""
        arguments = [command, version, endpoint, self.account, str(self.protected)]
        return subprocess.Popen(
            [sys.executable, "-m", "tests.faults.world", *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def kill(self, process: subprocess.Popen[bytes], after: float) -> bool:
        """SIGKILL the process so many seconds after its first word; gives whether it lived."""
        assert process.stdout is not None
        process.stdout.readline()
        with suppress(subprocess.TimeoutExpired):
            process.wait(after)
        alive = process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        return alive

    # --- what must not be lost ----------------------------------------------------------------

    def fill(self) -> None:
        self.lab.client("dynamodb").put_item(TableName="lab-items", Item=ITEM)
        self.lab.client("s3").put_object(Bucket=self.bucket, Key=OBJECT, Body=b"kept")

    def assert_kept(self) -> None:
        found = self.lab.client("dynamodb").get_item(TableName="lab-items", Key=ITEM)
        assert found.get("Item") == ITEM
        answer = self.lab.client("s3").get_object(Bucket=self.bucket, Key=OBJECT)
        assert answer["Body"].read() == b"kept"

    # --- how it ends --------------------------------------------------------------------------

    def settle(self) -> None:
        """Wait until CloudFormation is at work on nothing."""
        wait_until(lambda: not any(s.endswith("_IN_PROGRESS") for s in self.working()))

    def working(self) -> list[str]:
        answer = self.lab.client("cloudformation").describe_stacks()["Stacks"]
        return [s["StackStatus"] for s in answer if s["StackStatus"] != "REVIEW_IN_PROGRESS"]

    def converge(self, version: str, most: int = 8) -> int:
        """Deploy until there is nothing to do; gives how many runs that took."""
        for count in range(1, most + 1):
            fleet = self.fleet(version)
            with fleet.held("deploy", SILENT, look_first=True):
                if fleet.plans:
                    return count
                fleet.plan(SILENT)
                fleet.carry_out(SILENT, Interrupt())
            entries = fleet.plans["lab"].entries.values()
            if all(isinstance(entry, NoChange) for entry in entries):
                return count
            self.recover(version)
        raise AssertionError(f"not converged: {fleet.outcomes}")

    def recover(self, version: str) -> None:
        """What `tapgen recover` does."""
        run = Run.on(self.target(version))
        with alone(run, "recover"):
            recovery = Recovery(run, run.target.graph)
            recovery.look()
            recovery.carry_out()

    def assert_as_if_undisturbed(self, version: str) -> None:
        wanted = undisturbed(self.local.endpoint_url, version, protected=self.protected)
        found = self.snapshot()
        for name in wanted["stacks"]:
            for part in wanted["stacks"][name]:
                assert found["stacks"][name][part] == wanted["stacks"][name][part], (name, part)
        assert found == wanted

    def snapshot(self) -> dict[str, Any]:
        """Everything there is, less ids that are recreated each time."""
        client = self.lab.client("cloudformation")
        stacks = {}
        for stack in client.describe_stacks()["Stacks"]:
            name = stack["StackName"]
            stacks[name] = {
                "at rest": stack["StackStatus"] in _AT_REST,
                "parameters": _pairs(stack["Parameters"], "ParameterKey", "ParameterValue"),
                "outputs": _pairs(stack.get("Outputs", []), "OutputKey", "OutputValue"),
                "tags": _pairs(stack["Tags"], "Key", "Value"),
                "protected": stack.get("EnableTerminationProtection", False),
                "policy": self.lab.policy(name.removeprefix("lab-")),
                "template": client.get_template(StackName=name)["TemplateBody"],
                "change sets": self.lab.change_sets(name.removeprefix("lab-")),
                "resources": sorted(
                    (r["LogicalResourceId"], r["ResourceStatus"].rpartition("_")[2])
                    for r in client.list_stack_resources(StackName=name)["StackResourceSummaries"]
                    if r["ResourceStatus"] != "DELETE_COMPLETE"
                ),
            }
        ssm = self.lab.client("ssm")
        values = ssm.describe_parameters()["Parameters"]
        locks = ssm.get_parameters_by_path(Path="/tapgen", Recursive=True)["Parameters"]
        found = {
            "stacks": stacks,
            "notes": len(values) - len(locks),
            "locks": [lock["Name"] for lock in locks if not json.loads(lock["Value"])["over"]],
            "tables": self.lab.client("dynamodb").list_tables()["TableNames"],
            "buckets": [b["Name"] for b in self.lab.client("s3").list_buckets()["Buckets"]],
        }
        text = json.dumps(found).replace(self.account, "ACCOUNT")
        anonymous: dict[str, Any] = json.loads(_SEAL.sub(r"\1sealed", text))
        return anonymous


@cache
def undisturbed(endpoint: str, version: str, *, protected: bool) -> dict[str, Any]:
    """The snapshot of a deployment that nothing happened to, in an account of its own."""
    world = World(LocalAws(endpoint, 0, 0, Path()), "59999999999" + str(int(protected)), protected)
    world.converge(version)
    return world.snapshot()


def _pairs(items: list[dict[str, str]], key: str, value: str) -> dict[str, str]:
    return {item[key]: item[value] for item in items}


def _main(command: str, version: str, endpoint: str, account: str, protected: str) -> None:
    world = World(LocalAws(endpoint, 0, 0, Path()), account, protected == "True")
    sys.stdout.write("started\n")
    sys.stdout.flush()
    with suppress(ClientError), hurried():
        {"deploy": world.deploy, "destroy": world.destroy}[command](version, endpoint)


if __name__ == "__main__":
    _main(*sys.argv[1:])
