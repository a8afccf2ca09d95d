"""The functions go live in steps: who answers wrongly meets no caller, and the fix does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tapgen.aws.account import Connection
from tapgen.deploy.flow.events import Note
from tapgen.deploy.flow.host import Recorder
from tapgen.deploy.observe.drift import look_for_drift
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.target.run import Run
from tapgen.deploy.target.target import Target
from tapgen.model.deployed.events import Failed, Outcome, Updated, succeeded
from tapgen.payments.platform import PLATFORM
from tapgen.render.code.function_package import Code, code_of
from tapgen.render.rendering import render
from tapgen.settings.store import load
from tests.conftest import ENVS, aws_client, environments_with

if TYPE_CHECKING:
    from pathlib import Path

    from tapgen.local.client import LocalAws

pytestmark = pytest.mark.slow

ACCOUNT = "700000000002"
REGION = "us-east-1"
LAYERS = ("network", "data", "storage", "compute")
HEALTHY = b'"status": "ok"'
GATEWAY = {"httpMethod": "GET", "resource": "/health", "path": "/health"}


@pytest.fixture
def envs(tmp_path: Path) -> Path:
    settings = yaml.safe_load((ENVS / "dev.yaml").read_text())
    settings |= {"account_id": ACCOUNT, "domain": "rollouts.example.com"}
    settings["functions"]["rollout"] = "canary-10-5"
    del settings["name"]
    return environments_with(tmp_path / "envs", "rollouts", settings)


def deploy(local: LocalAws, envs: Path, code: Code) -> tuple[Outcome, list[str], Target]:
    """What became of the functions, and what was told on the way."""
    rendered = render(PLATFORM, [load(envs, PLATFORM, "rollouts")], code=code)
    connection = Connection(endpoint_url=local.endpoint_url, local=True)
    target = Target.of(PLATFORM, rendered.stacks["rollouts"], code, connection)
    deployment = Deployment(Run.on(target), target.part(LAYERS))
    host = Recorder()
    outcomes = deployment.carry_out(deployment.plan(host), host)
    assert all(succeeded(one) for layer, one in outcomes.items() if layer != "compute"), outcomes
    notes = [event.text for event in host.events if isinstance(event, Note)]
    return outcomes["compute"], notes, target


def with_health(code: Code, answer: bytes) -> Code:
    """The functions with another answer of GET /health."""
    return Code(tuple((name, text.replace(HEALTHY, answer)) for name, text in code.files))


def test_a_version_that_answers_wrongly_meets_no_caller_and_its_fix_does(
    local_aws: LocalAws, envs: Path
) -> None:
    functions = aws_client(local_aws, "lambda", ACCOUNT, REGION)

    def health() -> Any:
        answer = functions.invoke(
            FunctionName="payments-rollouts-payment-processor:live", Payload=json.dumps(GATEWAY)
        )
        return json.loads(json.load(answer["Payload"])["body"])["status"]

    code = code_of(PLATFORM)
    outcome, _, _ = deploy(local_aws, envs, code)
    assert succeeded(outcome), outcome

    refused, _, _ = deploy(local_aws, envs, with_health(code, b'"status": 1 / 0'))
    assert isinstance(refused, Failed)
    assert refused.status == "UPDATE_ROLLBACK_COMPLETE"
    assert "Alias (AWS::Lambda::Alias)" in refused.reason
    assert "/aws/lambda/payments-rollouts-rollout-check" in refused.hint
    assert health() == "ok"

    fixed, notes, target = deploy(local_aws, envs, with_health(code, b'"status": "fixed"'))
    assert isinstance(fixed, Updated), fixed
    assert any("10 % to version" in text for text in notes)
    assert health() == "fixed"
    assert [layer for layer in look_for_drift(target, ["compute"]) if layer.drifted] == []
