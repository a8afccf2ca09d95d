"""A laboratory for deployments: accounts of their own, and stacks made for one test."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config

from tapgen.aws.account import Connection
from tapgen.deploy.deployment import Deployment
from tapgen.deploy.destroy import Destruction
from tapgen.deploy.messages import Message, PlanReady
from tapgen.deploy.target import Target
from tapgen.layers.pretty import pretty
from tapgen.local import client
from tapgen.stacks.code import Code
from tapgen.stacks.events import Outcome
from tapgen.stacks.plan import Plan
from tapgen.stacks.seal import sealable, sealed
from tapgen.stacks.stack import Stack
from tapgen.stacks.stack_policy import NO_POLICY, stack_policy
from tapgen.stacks.stateful import stateful_in
from tapgen.stacks.template import Template
from tests.conftest import SESSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tapgen.layers.layer import From
    from tapgen.local.client import LocalAws

REGION = "us-east-1"
CODE = Code((("functions/handler.py", b"def handler(event, context): ...\n"),))
_accounts = itertools.count(700_000_000_001)


@dataclass
class Ran:
    """A deployment or destruction that came to its end."""

    outcomes: dict[str, Outcome]
    messages: list[Message]
    plan: Plan | None = None


@dataclass
class Lab:
    """One empty account of the local AWS, and how to deploy small stacks into it."""

    local: LocalAws
    account: str
    code: Code = CODE
    clients: dict[tuple[str, str], Any] = field(default_factory=dict)

    def client(self, service: str, region: str = REGION) -> Any:
        if (service, region) not in self.clients:
            self.clients[service, region] = SESSION.client(
                service,  # type: ignore[call-overload] # the stubs know literal names only
                endpoint_url=self.local.endpoint_url,
                region_name=region,
                aws_access_key_id=self.account,
                aws_secret_access_key="local",
                config=Config(s3={"addressing_style": "path"}),
            )
        return self.clients[service, region]

    def stack(  # noqa: PLR0913 - a stack has that many parts
        self,
        layer: str,
        resources: dict[str, Any],
        *,
        outputs: dict[str, Any] | None = None,
        parameters: dict[str, str] | None = None,
        inputs: dict[str, From] | None = None,
        settings: dict[str, str] | None = None,
        defaults: dict[str, str] | None = None,
        conditions: dict[str, Any] | None = None,
        region: str = REGION,
        protected: bool = False,
        deadline_minutes: int | None = None,
    ) -> Stack:
        """A stack of its own template; parameters and inputs are declared as strings."""
        declared = {name: {"Type": "String"} for name in [*(parameters or {}), *(inputs or {})]}
        for name, value in (defaults or {}).items():
            declared[name] = {"Type": "String", "Default": value}
        document = {
            "Description": "A stack of the laboratory.",
            "Metadata": {"tapgen": {"Settings": settings or {}}},
            "Parameters": declared,
            "Conditions": conditions or {},
            "Resources": resources,
            "Outputs": {name: {"Value": value} for name, value in (outputs or {}).items()},
        }
        policy = stack_policy(stateful_in(document), protected=True)
        text, _ = sealed(pretty(sealable(layer, document)), policy)
        return Stack(
            environment="lab",
            layer=layer,
            name=f"lab-{layer}",
            account_id=self.account,
            region=region,
            template=Template(layer, text),
            parameters=parameters or {},
            inputs=inputs or {},
            tags={"Environment": "lab", "Layer": layer},
            protected=protected,
            deadline_minutes=deadline_minutes,
        )

    def target(self, *stacks: Stack, connection: Connection | None = None) -> Target:
        local = Connection(endpoint_url=self.local.endpoint_url, local=True)
        return Target(stacks, self.code, connection or local, " --local")

    def deployment(self, *stacks: Stack, **options: Any) -> Deployment:
        target = self.target(*stacks)
        return Deployment(target, target.graph, **options)

    def plan(self, deployment: Deployment) -> Plan:
        *_, last = deployment.plan()
        assert isinstance(last, PlanReady)
        return last.plan

    def deploy(self, *stacks: Stack, **options: Any) -> Ran:
        deployment = self.deployment(*stacks, **options)
        plan = self.plan(deployment)
        messages = list(deployment.carry_out(plan))
        return Ran(deployment.outcomes, messages, plan)

    def destruction(self, *stacks: Stack, purge_data: bool = False) -> Destruction:
        target = self.target(*stacks)
        destruction = Destruction(target, target.graph, purge_data)
        destruction.check()
        return destruction

    def destroy(self, *stacks: Stack, purge_data: bool = False) -> Ran:
        destruction = self.destruction(*stacks, purge_data=purge_data)
        messages = list(destruction.run())
        return Ran(destruction.outcomes, messages)

    @staticmethod
    def note(value: Any = "one", **more: Any) -> dict[str, Any]:
        """The cheapest resource there is."""
        return {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Type": "String", "Value": value, **more},
        }

    @staticmethod
    def table(name: str, key: str = "id", **more: Any) -> dict[str, Any]:
        """A table as the data layer has it: kept when its stack goes."""
        return {
            "Type": "AWS::DynamoDB::Table",
            "DeletionPolicy": "RetainExceptOnCreate",
            "UpdateReplacePolicy": "Retain",
            "Properties": {
                "TableName": name,
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
                **more,
            },
        }

    def status(self, layer: str, region: str = REGION) -> str:
        """The stack's status; ABSENT where there is none, not even a shell."""
        for stack in self.client("cloudformation", region).describe_stacks()["Stacks"]:
            if stack["StackName"] == f"lab-{layer}":
                return str(stack["StackStatus"])
        return "ABSENT"

    def policy(self, layer: str) -> dict[str, Any]:
        """The stack's policy, or what it amounts to that there is none."""
        answer = self.client("cloudformation").get_stack_policy(StackName=f"lab-{layer}")
        body = answer.get("StackPolicyBody")
        return dict(json.loads(body)) if body else NO_POLICY

    def change_sets(self, layer: str) -> list[str]:
        """Names of the change sets that could be executed."""
        answer = self.client("cloudformation").list_change_sets(StackName=f"lab-{layer}")
        return [
            s["ChangeSetName"] for s in answer["Summaries"] if s["ExecutionStatus"] == "AVAILABLE"
        ]


@pytest.fixture
def lab(local_aws: LocalAws) -> Lab:
    return Lab(local_aws, str(next(_accounts)))


@pytest.fixture
def faults(local_aws: LocalAws) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Makes resource operations fail or slow, see `tapgen.local.client.inject`."""
    yield lambda injected: client.inject(local_aws, injected)
    client.inject(local_aws, {})
