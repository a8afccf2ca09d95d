"""How many calls a deployment makes. Calls are counted, never seconds: any machine will do."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.endpoint.clock import LAYER_SECONDS, Times
from benchmarks.endpoint.server import Endpoint
from benchmarks.rows.deploy import bound
from tapgen.aws import polling
from tapgen.aws.account import Connection
from tapgen.deploy.flow.host import SILENT
from tapgen.deploy.observe.inspection import states
from tapgen.deploy.plan.unchanged import no_op_plan
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.run.step import Choices
from tapgen.deploy.target.durations import Durations, cache_file
from tapgen.deploy.target.lock import locked
from tapgen.deploy.target.run import Run
from tapgen.deploy.target.target import Target
from tapgen.model.deployed.events import Created, Outcome, Updated
from tapgen.model.plan import Plan, Planned
from tapgen.payments.guards.delegation import SKIP
from tapgen.payments.platform import PLATFORM
from tapgen.render.rendering import render
from tapgen.settings.store import load_all
from tests.paths import ROOT

pytestmark = pytest.mark.slow
ENVS = ROOT / "envs"
SECONDS = 0.2
# So much of the time that stacks take, where it matters how one compares with another.
SCALE = 0.1
QUICK = Times(dict.fromkeys(LAYER_SECONDS, SECONDS), change_set=0.1, call=0.0)


@pytest.fixture
def endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    known = {f"{layer} {kind}": SECONDS for layer in LAYER_SECONDS for kind in ("CREATE", "UPDATE")}
    path = tmp_path / "tapgen" / "durations.json"
    path.parent.mkdir()
    path.write_text(json.dumps(known))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "111111111111")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    with Endpoint(QUICK) as running:
        yield running


def target(endpoint: Endpoint, cost_center: str = "") -> Target:
    rendered = render(PLATFORM, load_all(ENVS, PLATFORM, ["dev"]))
    stacks = rendered.stacks["dev"]
    if cost_center:
        stacks = tuple(
            replace(stack, tags={**stack.tags, "CostCenter": cost_center}) for stack in stacks
        )
    return Target.of(PLATFORM, stacks, rendered.code, Connection(endpoint_url=endpoint.url))


def plan_of(deployment: Deployment) -> Plan:
    return deployment.plan(SILENT)


def deploy(endpoint: Endpoint, to: Target) -> tuple[dict[str, Outcome], Counter[str]]:
    endpoint.forget_calls()
    run = Run.on(to)
    with locked(run, "deploy"):
        deployment = Deployment(run, to.graph, Choices(lifted=frozenset({SKIP})))
        outcomes = deployment.carry_out(plan_of(deployment), SILENT)
    return outcomes, endpoint.counts()


def of_cloudformation(counts: Counter[str]) -> int:
    return sum(n for name, n in counts.items() if name.startswith("cloudformation:"))


def test_calls_of_deployments(endpoint: Endpoint) -> None:
    layers = len(target(endpoint).stacks)
    outcomes, counts = deploy(endpoint, target(endpoint))
    assert {type(outcome) for outcome in outcomes.values()} == {Created}
    assert of_cloudformation(counts) <= 8 * layers, counts

    found = Durations.load(cache_file()).expected("all", "CHANGE_SET")
    assert found == pytest.approx(QUICK.change_set, abs=0.1)

    endpoint.forget_calls()
    again = target(endpoint)
    assert no_op_plan(Run.on(again), again.graph) is not None
    assert sum(endpoint.counts().values()) == 2

    endpoint.forget_calls()
    assert {state.status for state in states(again, again.stacks).values()} == {"CREATE_COMPLETE"}
    assert sum(endpoint.counts().values()) == 2

    endpoint.forget_calls()
    planning = Deployment(Run.on(target(endpoint)), again.graph)
    assert not plan_of(planning).has_changes
    # the account, one listing, what the distribution sends as its secret, whose logging role it is
    assert sum(endpoint.counts().values()) <= 4

    changed = target(endpoint, "OTHER-001")
    planning = Deployment(Run.on(changed), changed.graph)
    endpoint.forget_calls()
    plan = plan_of(planning)
    assert {type(entry) for entry in plan.entries.values()} == {Planned}
    assert endpoint.counts()["cloudformation:CreateChangeSet"] == layers
    planning.discard(plan)

    outcomes, counts = deploy(endpoint, target(endpoint, "OTHER-001"))
    assert {type(outcome) for outcome in outcomes.values()} == {Updated}
    assert of_cloudformation(counts) <= 12 * layers, counts
    assert not any(call.throttled for call in endpoint.calls)


def test_calls_of_a_first_deployment_of_which_nothing_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, endpoint: Endpoint
) -> None:
    """Stacks that take as different times as they do, and pauses shortened alike."""
    (tmp_path / "tapgen" / "durations.json").unlink()
    for pause in ("_FIRST", "_SOME", "_SOON", "_MOST"):
        monkeypatch.setattr(polling, pause, getattr(polling, pause) * SCALE)
    layers = {name: seconds * SCALE for name, seconds in LAYER_SECONDS.items()}
    endpoint.times = Times(layers, change_set=2.0 * SCALE, call=0.0)
    to = target(endpoint)
    outcomes, counts = deploy(endpoint, to)
    assert {type(outcome) for outcome in outcomes.values()} == {Created}
    assert of_cloudformation(counts) <= 8 * len(to.stacks), counts


def test_change_sets_are_looked_at_when_they_should_be_ready(endpoint: Endpoint) -> None:
    """Each is described twice, for its values; those that come too early would be more."""
    deploy(endpoint, target(endpoint))
    durations = Durations.load(cache_file())
    durations.note("all", "CHANGE_SET", 1.5)
    durations.save()
    endpoint.times = replace(QUICK, change_set=1.45)
    changed = target(endpoint, "OTHER-001")
    planning = Deployment(Run.on(changed), changed.graph)
    endpoint.forget_calls()
    planning.discard(plan_of(planning))
    assert endpoint.counts()["cloudformation:DescribeChangeSet"] == 2 * len(changed.stacks)


def test_the_lower_bound_is_the_longest_way() -> None:
    # network or (data and storage), compute, api, cdn, dns; five or six change sets on the way
    assert bound(each=True) == 66.0
    assert bound(each=False) == 58.0
