"""SIGKILL at any moment: no release without a record, and no record without a release.

It is so in a folder and in a bucket, where nothing may have been written twice.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import pytest
from botocore.exceptions import ClientError

from tapgen.aws.account import Account, Connection
from tapgen.aws.cloudformation.requests import release_of
from tapgen.aws.ledger.bucket import LedgerBucket
from tapgen.deploy.record.ledger import Ledger
from tapgen.deploy.record.places import Folder, Place
from tapgen.local.client import ledger_folder
from tapgen.model.release import BROKEN_OFF, SUCCEEDED
from tests.conftest import aws_client
from tests.paths import ROOT
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tapgen.local.client import LocalAws
    from tapgen.model.release import Release

    Faults = Callable[[dict[str, object]], None]

pytestmark = pytest.mark.slow

REGION: Final = "us-east-1"
PREFIX: Final = "payments-dev"
LAYERS: Final = ("data", "zone")
UNTOUCHED: Final = frozenset({"Skipped", "Unchanged"})


@dataclass(frozen=True)
class Recorded:
    """dev of the platform in an account of its own, deployed by the command itself."""

    local: LocalAws
    account: str
    envs: Path
    bucket: str = ""

    @property
    def ledger(self) -> Ledger:
        place: Place = Folder(ledger_folder(self.local) / self.account)
        if self.bucket:
            connection = Connection(endpoint_url=self.local.endpoint_url, local=True)
            place = LedgerBucket(Account(self.account, connection), REGION, self.bucket)
        return Ledger(place, REGION, PREFIX)

    def begins(self, *words: str) -> subprocess.Popen[str]:
        where = ["--env", "dev", "--envs-dir", str(self.envs), "--local"]
        return subprocess.Popen(
            [sys.executable, "-m", "tapgen", *words, *where],
            cwd=self.local.directory.parents[1],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def deploys(self) -> subprocess.Popen[str]:
        return self.begins("deploy", "--yes", *(f"--layer={name}" for name in LAYERS))

    def deploy(self) -> None:
        process = self.deploys()
        said, _ = process.communicate()
        assert process.returncode == 0, said

    def disagreements(self) -> dict[str, str]:
        """What `tapgen history` says; it completes what has no end."""
        process = self.begins("history", "--format", "json")
        said, _ = process.communicate()
        assert process.returncode == 0, said
        found: dict[str, str] = json.loads(said)["environments"]["dev"]["disagreements"]
        return found

    def releases(self) -> dict[int, Release]:
        found = self.ledger.read_all([*self.ledger.numbers()])
        return {one.begun.release: one for one in found}

    def events(self, layer: str) -> list[dict[str, Any]]:
        """The events of a layer's stack, newest first."""
        client = aws_client(self.local, "cloudformation", self.account, REGION)
        try:
            answer = client.describe_stack_events(StackName=f"{PREFIX}-{layer}")
        except ClientError:  # there is no such stack yet
            return []
        events: list[dict[str, Any]] = answer["StackEvents"]
        return events

    def status(self, layer: str) -> str:
        """The status of a layer's stack; the newest event may be one of a resource."""
        client = aws_client(self.local, "cloudformation", self.account, REGION)
        try:
            (stack,) = client.describe_stacks(StackName=f"{PREFIX}-{layer}")["Stacks"]
        except ClientError:  # there is no such stack yet
            return ""
        return str(stack["StackStatus"])

    def changed(self) -> dict[int, set[str]]:
        """By what AWS tells: the number of each release -> the layers that it changed."""
        found: dict[int, set[str]] = defaultdict(set)
        for layer in LAYERS:
            for event in self.events(layer):
                number = release_of(event.get("ClientRequestToken", ""))
                if number is not None:
                    found[number].add(layer)
        return dict(found)

    def resize(self, units: int) -> None:
        path = self.envs / "dev.yaml"
        text = re.sub(r"\bread_capacity: \d+", f"read_capacity: {units}", path.read_text())
        path.write_text(text)


@pytest.fixture
def recorded(local_aws: LocalAws, tmp_path: Path, request: pytest.FixtureRequest) -> Recorded:
    place = list(request.session.items).index(request.node)
    account = f"592{place:09}"
    for name in ("common", "dev"):
        text = (ROOT / "envs" / f"{name}.yaml").read_text()
        text = re.sub(r'"\d{12}"', f'"{account}"', text)
        (tmp_path / f"{name}.yaml").write_text(text.replace("dev.api.", f"a{account}."))
    return Recorded(local_aws, account, tmp_path)


@pytest.fixture
def in_bucket(recorded: Recorded) -> Recorded:
    """The same with a ledger in a bucket, as `tapgen bootstrap` makes one."""
    s3 = aws_client(recorded.local, "s3", recorded.account, REGION)
    bucket = f"ledger-{recorded.account}"
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    with (recorded.envs / "dev.yaml").open("a") as settings:
        settings.write(f"\ndeployment:\n  ledger: {bucket}\n")
    return replace(recorded, bucket=bucket)


def assert_written_once(recorded: Recorded) -> None:
    s3 = aws_client(recorded.local, "s3", recorded.account, REGION)
    listed = s3.list_object_versions(Bucket=recorded.bucket)
    keys = [one["Key"] for one in listed["Versions"]]
    assert len(keys) == len(set(keys))
    assert not listed.get("DeleteMarkers")


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def assert_agree(recorded: Recorded) -> dict[int, Release]:
    """Every release has its record to the end, which tells what AWS tells; gives the records."""
    assert recorded.disagreements() == {}
    found, changed = recorded.releases(), recorded.changed()
    assert changed.keys() <= found.keys()
    for number, release in found.items():
        assert release.ended is not None, number
        told = {n for n, one in release.ended.stacks.items() if one.outcome not in UNTOUCHED}
        if release.ended.completed_by:
            assert told == changed.get(number, set()), number
        else:  # a run that watches what an earlier one began tells how that ended, too
            assert told >= changed.get(number, set()), number
    return found


def test_killed_once_the_record_is_begun(recorded: Recorded) -> None:
    process = recorded.deploys()
    wait_until(recorded.ledger.numbers)
    kill(process)
    assert recorded.changed().keys() <= {1}
    recorded.deploy()
    found = assert_agree(recorded)
    assert found[1].ended is not None
    assert found[1].ended.completed_by


def test_killed_while_one_stack_is_made_and_another_is_there(
    recorded: Recorded, faults: Faults
) -> None:
    faults({"hold": ["IdempotencyTable"]})
    process = recorded.deploys()
    wait_until(lambda: recorded.status("zone") == "CREATE_COMPLETE" and recorded.events("data"))
    wait_until(lambda: recorded.changed() == {1: {"data", "zone"}})
    kill(process)
    assert recorded.releases()[1].ended is None
    recorded.disagreements()
    assert recorded.releases()[1].ended is None  # AWS is at work on it still
    faults({})
    recorded.deploy()
    found = assert_agree(recorded)
    assert found[1].ended is not None
    outcomes = {layer: one.outcome for layer, one in found[1].ended.stacks.items()}
    assert outcomes == dict.fromkeys(LAYERS, "Created")
    assert found[1].ended.outcome == SUCCEEDED


def test_killed_during_an_update_that_history_completes(recorded: Recorded, faults: Faults) -> None:
    recorded.deploy()
    faults({"hold": ["IdempotencyTable", "SessionsTable"]})
    recorded.resize(9)
    process = recorded.deploys()
    wait_until(lambda: recorded.changed().get(2))
    kill(process)
    faults({})
    wait_until(lambda: recorded.status("data") == "UPDATE_COMPLETE")
    found = assert_agree(recorded)
    assert found[2].ended is not None
    outcomes = {layer: one.outcome for layer, one in found[2].ended.stacks.items()}
    assert outcomes == {"data": "Updated", "zone": "Unchanged"}
    recorded.deploy()  # what the killed run has not come to, beside the change set
    numbers = [*assert_agree(recorded)]
    recorded.deploy()
    assert [*recorded.releases()] == numbers  # nothing was left to do


def test_a_rollback_that_was_killed_is_completed_and_tried_again(
    in_bucket: Recorded, faults: Faults
) -> None:
    recorded = in_bucket
    recorded.deploy()
    recorded.resize(9)
    recorded.deploy()
    faults({"hold": ["IdempotencyTable", "SessionsTable"]})
    process = recorded.begins("rollback", "--yes")
    wait_until(lambda: recorded.changed().get(3))
    kill(process)
    faults({})
    again = recorded.begins("rollback", "--yes")
    said, _ = again.communicate()
    assert again.returncode == 0, said
    assert "Back to release 1 of dev" in said
    found = assert_agree(recorded)
    assert [one.begun.rolls_back_to for one in found.values()][2:] == [1] * (len(found) - 2)
    assert found[3].ended is not None
    assert found[3].ended.completed_by
    tables = found[1].begun.stacks["data"]["stack"]["parameters"]
    assert found[max(found)].begun.stacks["data"]["stack"]["parameters"] == tables
    assert_written_once(recorded)


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_moment(in_bucket: Recorded, faults: Faults, seed: int) -> None:
    recorded = in_bucket
    chance = random.Random(f"record {seed}")  # noqa: S311 - reproducible on purpose
    recorded.deploy()
    faults({"delay": {"*": 0.2}})
    for units in (8, 9):
        recorded.resize(units)
        process = recorded.deploys()
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(chance.uniform(0.0, 2.0))
        kill(process)
        assert recorded.changed().keys() <= recorded.releases().keys()
    faults({})
    recorded.deploy()
    found = assert_agree(recorded)
    outcomes = {one.ended.outcome for one in found.values() if one.ended}
    assert outcomes <= {SUCCEEDED, BROKEN_OFF}
    assert_written_once(recorded)
