"""The baseline's stack in an environment."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import yaml

from tapgen.aws.account import Connection
from tapgen.deploy.bootstrap.placement import PLATFORM as BASELINE
from tapgen.deploy.bootstrap.placement import (
    baseline_of,
    boundary_of,
    placed,
    service_role_of,
    spelled,
)
from tapgen.deploy.target.target import Target
from tapgen.model.layer import OutputRef
from tapgen.payments.platform import PLATFORM
from tapgen.render.code.function_package import Code
from tapgen.settings.store import load
from tests.conftest import ENVS, environments_with
from tests.deploy.bootstrap.test_check import TOLD
from tests.render.bootstrap.conftest import GITHUB

if TYPE_CHECKING:
    from pathlib import Path

    from tapgen.model.templates.template import Template
    from tapgen.render.rendering import Rendered


@pytest.fixture(scope="module")
def template(rendered: Rendered) -> Template:
    return baseline_of(PLATFORM, rendered.stacks, GITHUB)


def test_every_parameter_has_a_value_and_every_value_a_parameter(
    rendered: Rendered, template: Template
) -> None:
    for name in ("dev", "prod"):
        environment = load(ENVS, PLATFORM, name)
        stack = placed(template, environment, rendered.stacks[name], TOLD)
        assert set(stack.parameters) == set(template.parameters)
        assert stack.parameters["Prefix"] == environment.prefix
        assert stack.name == f"tapgen-{environment.prefix}-bootstrap"
        assert (stack.region, stack.protected) == (environment.region, environment.protection)
        assert stack.prefix == f"tapgen-{environment.prefix}"


def test_approvers_are_those_of_the_environments_account(
    rendered: Rendered, template: Template
) -> None:
    stack = placed(template, load(ENVS, PLATFORM, "prod"), rendered.stacks["prod"], TOLD)
    assert stack.parameters["Approvers"] == "arn:aws:iam::333333333333:role/lead"
    assert stack.parameters["ApproverAccounts"] == "333333333333"
    assert stack.parameters["RecordNames"] == "api.example.com,*.api.example.com"


@pytest.mark.parametrize(
    ("notify", "topic", "secret"),
    [
        ("arn:aws:sns:eu-west-1:222222222222:releases",) * 2 + ("",),
        ("secret:chat", "", "arn:aws:secretsmanager:us-east-1:111111111111:secret:chat-??????"),
    ],
)
def test_who_is_told_of_runs_is_what_roles_may_tell(  # noqa: PLR0913, PLR0917 - a table
    tmp_path: Path,
    rendered: Rendered,
    template: Template,
    notify: str,
    topic: str,
    secret: str,
) -> None:
    envs = environments_with(tmp_path / "envs", "dev", _dev() | {"deployment": {"notify": notify}})
    stack = placed(template, load(envs, PLATFORM, "dev"), rendered.stacks["dev"], TOLD)
    assert (stack.parameters["NotifyTopic"], stack.parameters["NotifySecret"]) == (topic, secret)
    for name, value in (("NotifyTopic", topic), ("NotifySecret", secret)):
        pattern = template.parameters[name]["AllowedPattern"]
        assert re.search(pattern, value)


def test_who_else_makes_the_provider_is_waited_for(rendered: Rendered, template: Template) -> None:
    provider = OutputRef("bootstrap", "IdentityProviderArn", environment="dev")
    environment = load(ENVS, PLATFORM, "prod")
    stack = placed(template, environment, rendered.stacks["prod"], TOLD, provider)
    assert stack.inputs == {"ProviderArn": provider}
    assert "ProviderArn" not in stack.parameters


def test_a_boundary_that_the_settings_name_is_the_one_that_is_made(tmp_path: Path) -> None:
    assert boundary_of(load(ENVS, PLATFORM, "dev")) == "tapgen-payments-dev-boundary"
    settings = {"account_id": "444444444444", "deployment": {"permission_boundary": "ours"}}
    envs = environments_with(tmp_path / "envs", "dev", _dev() | settings)
    environment = load(envs, PLATFORM, "dev")
    assert boundary_of(environment) == "ours"
    assert service_role_of(environment).startswith("arn:aws:iam::444444444444:role/tapgen-")


def _dev() -> dict[str, object]:
    settings: dict[str, object] = yaml.safe_load((ENVS / "dev.yaml").read_text())
    settings.pop("name")
    return settings


def test_suggested_commands_are_the_baselines_own(rendered: Rendered, template: Template) -> None:
    stack = placed(template, load(ENVS, PLATFORM, "dev"), rendered.stacks["dev"], TOLD)
    connection = Connection(profile="admin")
    target = replace(
        Target.of(BASELINE, [stack], Code(()), connection, " --profile admin"), spelled=spelled
    )
    assert target.command("deploy", "--layer bootstrap", "--full") == (
        "tapgen bootstrap --env dev --full --profile admin"
    )
    assert target.command_on([target, target], "deploy") == (
        "tapgen bootstrap --env dev --env dev --profile admin"
    )
    assert target.command("status") == "tapgen bootstrap --env dev --check --profile admin"
    assert target.command("recover", "--layer bootstrap") == (
        "aws cloudformation continue-update-rollback --stack-name tapgen-payments-dev-bootstrap "
        "--region us-east-1 --profile admin"
    )
