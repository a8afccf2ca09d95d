"""An environment in a local AWS that enforces IAM, deployed by a user who may do just that."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tapgen.aws.account import Account, Connection
from tapgen.deploy.flow.host import SILENT, Host
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.run.step import Choices
from tapgen.deploy.target.run import Run
from tapgen.deploy.target.target import Target
from tapgen.iam import policies
from tapgen.iam.policies import Policy, Roles
from tapgen.local import client
from tapgen.model.deployed.events import succeeded
from tapgen.payments.platform import PLATFORM
from tapgen.render.rendering import render
from tapgen.settings.store import load
from tests.conftest import ENVS, aws_client, environments_with
from tests.privileges.people import People
from tests.privileges.recording import Recording, recording
from tests.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tapgen.local.client import LocalAws
    from tapgen.render.rendering import Rendered

BOUNDARY = "payments-dev-boundary"
# A setting is read from it.
PARAMETER = "/payments/dev/alarm-email"


@pytest.fixture(scope="package")
def enforcing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    project = tmp_path_factory.mktemp("enforcing")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(project / "credentials"))
        patch.delenv("AWS_PROFILE", raising=False)
        yield client.start(project, enforce_iam=True, timeout=PATIENCE_SECONDS)
        client.stop(project)


@dataclass(frozen=True)
class World:
    """dev with bounded roles, and the users `deployer` and `reviewer` of its account."""

    local: LocalAws
    rendered: Rendered
    people: People
    deployer: tuple[Policy, ...]
    _accounts: dict[str, Account] = field(default_factory=dict)

    def client(self, user: str, service: str, region: str) -> Any:
        """A client of a user; made once, because that takes longer than all it is asked."""
        if user not in self._accounts:
            self._accounts[user] = self.target(user).account
        return self._accounts[user].client(service, region)

    def target(self, user: str | None = None) -> Target:
        """The environment as a user sees it; as the account's root, when none is named."""
        connection = Connection(profile=user, endpoint_url=self.local.endpoint_url, local=True)
        return Target.of(PLATFORM, self.rendered.stacks["dev"], self.rendered.code, connection)


@pytest.fixture(scope="package")
def world(enforcing: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> World:
    settings = yaml.safe_load((ENVS / "dev.yaml").read_text())
    name = settings.pop("name")
    settings["deployment"] = {"permission_boundary": BOUNDARY}
    settings["alarms"]["email"] = {"ssm": PARAMETER}
    envs: Path = environments_with(tmp_path_factory.mktemp("bounded") / "envs", name, settings)
    rendered = render(PLATFORM, [load(envs, PLATFORM, name)])
    stacks, roles = rendered.stacks[name], Roles(boundary=BOUNDARY)
    people = People(enforcing, stacks[0].account_id)
    aws_client(enforcing, "ssm", people.account, stacks[0].region).put_parameter(
        Name=PARAMETER, Value="payments@example.com", Type="String"
    )
    people.bound(policies.boundary(stacks, roles))
    deployer = policies.deployer(PLATFORM, stacks, roles)
    people.user("deployer", deployer)
    people.user("reviewer", policies.reviewer(PLATFORM, stacks, roles))
    people.user("lacking", [])
    return World(enforcing, rendered, people, deployer)


@pytest.fixture(scope="package")
def deployment(world: World) -> Recording:
    """What the deployer calls to deploy everything."""
    with recording() as calls:
        deploy(Run.on(world.target("deployer")))
    return calls


@pytest.fixture(scope="package")
def target(world: World, deployment: Recording) -> Target:
    """What the deployer deployed, as the account's root sees it."""
    return world.target()


def deploy(run: Run, *layers: str, full: bool = False, host: Host = SILENT) -> None:
    """Deploy the layers, all when none is named; each of them has to end well.

    `full` asks AWS also about those that are seen to be unchanged.
    """
    deployment = Deployment(run, run.target.part(layers), Choices(full=full))
    outcomes = deployment.carry_out(deployment.plan(host), host)
    failed = {name: end for name, end in outcomes.items() if not succeeded(end)}
    assert not failed, failed
