"""Several environments against an endpoint that throttles: calls, clients, pollers are counted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import tapgen.project
from benchmarks.endpoint import server
from benchmarks.endpoint.clock import LAYER_SECONDS, Bucket, Times
from benchmarks.endpoint.server import Endpoint
from benchmarks.project import Project
from tapgen.aws import accounts
from tapgen.aws.account import Account
from tapgen.aws.pace import Pace
from tapgen.deploy.flow.host import SILENT
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.run.fleet import Fleet
from tapgen.deploy.stack.interrupt import Interrupt
from tapgen.deploy.target.run import Run
from tapgen.model.deployed.events import Created, Updated

pytestmark = pytest.mark.slow

COUNT = 4
LAYERS = ("network", "data", "storage")
ACCOUNT = "500000000000"
SECONDS = 0.4
# So many calls a second; the times of stacks are as short as this is high.
RATE = 150.0


Serve = Callable[[float], Endpoint]


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """An endpoint that grants so many calls a second, and credentials for it."""
    known = {f"{layer} {kind}": SECONDS for layer in LAYERS for kind in ("CREATE", "UPDATE")}
    (tmp_path / "tapgen").mkdir()
    (tmp_path / "tapgen" / "durations.json").write_text(json.dumps(known))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCOUNT)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    opened: list[Endpoint] = []

    def serve(rate: float) -> Endpoint:
        times = dict.fromkeys(LAYER_SECONDS, SECONDS)
        endpoint = Endpoint(Times(times, change_set=0.1, call=0.0, rate=rate))
        opened.append(endpoint.__enter__())
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint.url)
        return endpoint

    yield serve
    for endpoint in opened:
        endpoint.__exit__()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, str]]:
    """How often a client of a service was made for a region."""
    counts: Counter[tuple[str, str]] = Counter()
    original = Account._new_client

    def counting(self: Account, service: str, region: str, quick: bool) -> object:
        counts[service, region] += 1
        return original(self, service, region, quick)

    monkeypatch.setattr(Account, "_new_client", counting)
    return counts


def deploy(folder: Path, cost_center: str = "DEV-001") -> Fleet:
    envs = folder / "envs"
    for path in envs.glob("qa*.yaml"):
        path.write_text(path.read_text().replace("DEV-001", cost_center))
    project = tapgen.project.Project(envs=envs)
    runs = [Run.on(target) for target in project.targets([])]
    deployments = [Deployment(run, run.target.part(LAYERS)) for run in runs]
    fleet = Fleet(deployments, {}, project.other)
    with fleet.held("deploy", SILENT, look_first=True):
        fleet.plan(SILENT)
        fleet.carry_out(SILENT, Interrupt())
    return fleet


def kinds(fleet: Fleet) -> set[type]:
    return {type(outcome) for each in fleet.outcomes.values() for outcome in each.values()}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    made = Project(tmp_path / "many")
    made.multiply(COUNT, ACCOUNT)
    return made.folder


def test_environments_of_one_account_are_not_throttled(
    served: Serve,
    project: Path,
    made: Counter[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(accounts, "Pace", lambda: Pace(RATE * 0.9, int(RATE)))
    endpoint = served(RATE)
    fleet = deploy(project)
    assert kinds(fleet) == {Created}
    assert not any(call.throttled for call in endpoint.calls)
    assert set(made.values()) == {1}
    pollers = {
        deployment.run.watcher(stack)._poller
        for deployment in fleet.deployments.values()
        for stack in deployment.run.target.stacks.values()
    }
    assert len(pollers) == 1
    counts = endpoint.counts()
    stacks = COUNT * len(LAYERS)
    assert counts["cloudformation:CreateChangeSet"] == stacks
    assert counts["cloudformation:ExecuteChangeSet"] == stacks
    of_cloudformation = sum(n for name, n in counts.items() if name.startswith("cloudformation:"))
    assert of_cloudformation <= 7 * stacks, counts

    endpoint.forget_calls()
    assert [plan.has_changes for plan in deploy(project).plans.values()] == [False] * COUNT
    counts = endpoint.counts()
    assert counts["ssm:GetParameter"] == COUNT
    assert counts["cloudformation:DescribeStacks"] <= COUNT
    assert counts.total() <= 2 * COUNT

    endpoint.forget_calls()
    assert kinds(deploy(project, "QA-001")) == {Updated}
    assert not any(call.throttled for call in endpoint.calls)


class EveryTenth(Bucket):
    """Refuses every tenth call of a slow service, however slow the machine is that makes them."""

    def take(self) -> bool:
        """Whether it is the turn of one that is answered."""
        self._tokens += 1
        return not self._rate or self._tokens % 10 > 0


def test_a_rate_that_nobody_knew_ends_in_no_error(
    served: Serve, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "Pace", lambda: Pace(10_000.0, 10_000))
    monkeypatch.setattr(server, "Bucket", EveryTenth)
    endpoint = served(RATE)
    assert kinds(deploy(project)) == {Created}
    assert any(call.throttled for call in endpoint.calls)
