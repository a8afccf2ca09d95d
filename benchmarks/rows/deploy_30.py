"""`tapgen deploy` of thirty environments at once, with simulated stack times and throttling.

The floor is the minimum for one environment (see `deploy`), because thirty wait for AWS at the same
time. If all are in one account and region, AWS throttles them. The floor is then the time that the
calls take at the allowed rate, if that is longer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from benchmarks.endpoint.clock import LAYER_SECONDS, Times
from benchmarks.endpoint.server import Endpoint
from benchmarks.harness import Claim, Command, Cost, Row, once
from benchmarks.project import Project
from benchmarks.rows.deploy import bound

COUNT: Final = 30
# AWS publishes no number. This is what users report, roughly (see tapgen/aws/pace.py).
RATE: Final = 10.0
_ACCOUNT: Final = "500000000000"
# In one account, the calls determine the time, whatever is deployed, so these layers are enough.
_FEW: Final = ("network", "data", "storage", "compute")


def measure(folder: Path, runs: int) -> Iterator[Row]:  # noqa: ARG001 - a minute each: once
    apart = Project(folder / "apart")
    apart.multiply(COUNT)
    claim = Claim(
        "deploy 30, apart",
        f"`deploy` of {COUNT} environments in as many accounts, times known",
        "critical path of one, with a change set a layer",
        1.25,
    )
    yield _row(claim, apart, bound(each=True))
    together = Project(folder / "together")
    together.multiply(COUNT, _ACCOUNT)
    claim = Claim(
        "deploy 30, together",
        f"`deploy` of {len(_FEW)} layers, {COUNT} environments in one account, times known",
        f"their calls, at {RATE:.0f} a second",
        1.25,
    )
    yield _row(claim, together, bound(each=True, layers=_FEW), _FEW)


def _row(claim: Claim, project: Project, floor: float, layers: tuple[str, ...] = ()) -> Row:
    """Measure a first deployment. If a call ended in an error, the command would fail."""
    _know_durations(project)
    with Endpoint(Times(rate=RATE)) as endpoint:
        cost = once(_deploy(project, endpoint, layers))
        calls = [call for call in endpoint.calls if call.service == "cloudformation"]
        busiest = max(
            sum(call.account == one for call in calls) for one in {c.account for c in calls}
        )
        throttled = sum(call.throttled for call in endpoint.calls)
    floor = max(floor, busiest / RATE)
    stacks = COUNT * len(layers or LAYER_SECONDS)
    notes = {
        "environments": COUNT,
        "CloudFormation calls": len(calls),
        "CloudFormation calls a layer": round(len(calls) / stacks, 1),
        "throttled, and asked again": throttled,
        "CPU s an environment": round(cost.cpu / COUNT, 2),
    }
    return Row(claim, round(cost.wall / floor, 3), cost, Cost(floor, 0.0, 0.0), notes)


def _deploy(project: Project, endpoint: Endpoint, layers: tuple[str, ...]) -> Command:
    """All environments, with a profile for each account. Its key identifies it at the endpoint."""
    accounts = {
        path.stem: next(text for text in path.read_text().split('"') if text.isdecimal())
        for path in (project.folder / "envs").glob("qa*.yaml")
    }
    alone = len(set(accounts.values())) > 1
    path = project.folder / "credentials"
    path.write_text(
        "".join(
            f"[{name}]\naws_access_key_id = {account}\naws_secret_access_key = none\n"
            for name, account in accounts.items()
        )
    )
    profile = ("--profile", "{env}" if alone else min(accounts))
    chosen = [option for layer in layers for option in ("--layer", layer)]
    plain = project.tapgen("deploy", "--all", "--yes", "--skip-delegation-check", *profile, *chosen)
    reached = {"AWS_ENDPOINT_URL": endpoint.url, "AWS_SHARED_CREDENTIALS_FILE": str(path)}
    return replace(plain, environment={**plain.environment, **reached})


def _know_durations(project: Project) -> None:
    path = project.cache / "tapgen" / "durations.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({f"{name} CREATE": took for name, took in LAYER_SECONDS.items()}))
