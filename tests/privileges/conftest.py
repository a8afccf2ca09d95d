"""An environment in a local AWS that enforces IAM."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tapgen.aws.account import Connection
from tapgen.deploy.deployment import Deployment
from tapgen.deploy.messages import PlanReady
from tapgen.deploy.target import Target
from tapgen.environment.store import load
from tapgen.local import client
from tapgen.stacks.events import succeeded
from tapgen.stacks.render import render
from tests.conftest import ENVS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.local.client import LocalAws


@pytest.fixture(scope="session")
def enforcing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    project = tmp_path_factory.mktemp("enforcing")
    yield client.start(project, enforce_iam=True)
    client.stop(project)


@pytest.fixture(scope="session")
def target(enforcing: LocalAws) -> Target:
    """dev, deployed where IAM is enforced."""
    rendered = render([load(ENVS, "dev")])
    connection = Connection(endpoint_url=enforcing.endpoint_url, local=True)
    target = Target(rendered.stacks["dev"], rendered.code, connection)
    deployment = Deployment(target, target.graph)
    (ready,) = (message for message in deployment.plan() if isinstance(message, PlanReady))
    for _ in deployment.carry_out(ready.plan):
        pass
    failed = {name: end for name, end in deployment.outcomes.items() if not succeeded(end)}
    assert not failed, failed
    return target
