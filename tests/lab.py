"""A laboratory for deployments: accounts of their own, and stacks made for one test."""

from __future__ import annotations

import itertools
import json
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config

from tapgen.aws.account import Connection
from tapgen.deploy.flow.events import Event, Interrupted
from tapgen.deploy.flow.host import Recorder
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.run.destroy import Destruction
from tapgen.deploy.run.fleet import Fleet
from tapgen.deploy.run.step import Choices
from tapgen.deploy.stack.interrupt import Interrupt
from tapgen.deploy.target.options import Options
from tapgen.deploy.target.run import Run
from tapgen.deploy.target.target import Target
from tapgen.local import client
from tapgen.model.deployed.events import Outcome, succeeded
from tapgen.model.layer import OutputRef
from tapgen.model.plan import Plan
from tapgen.model.stack import SETTLED, SETTLED_SETTING, Stack
from tapgen.model.templates.json_text import pretty
from tapgen.model.templates.seal import sealable, sealed
from tapgen.model.templates.stack_policy import NO_POLICY, stack_policy
from tapgen.model.templates.stateful import stateful_in
from tapgen.model.templates.template import Template
from tapgen.payments.platform import PLATFORM
from tapgen.render.code.function_package import Code
from tapgen.render.rendering import render
from tapgen.settings.store import load
from tests.conftest import SESSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tapgen.deploy.flow.host import Host
    from tapgen.local.client import LocalAws
    from tapgen.model.layer import Source

REGION = "us-east-1"
CODE = Code((("functions/handler.py", b"def handler(event, context): ...\n"),))
_accounts = itertools.count(700_000_000_001)


@dataclass
class Ran:
    """A deployment or destruction that came to its end."""

    outcomes: dict[str, Outcome]
    events: list[Event]
    plan: Plan | None = None


@dataclass
class Reacting(Recorder):
    """A recorder that does `then` at every event; what that raises breaks the operation off."""

    then: Callable[[Event], object] = lambda _: None

    def tell(self, event: Event) -> None:
        super().tell(event)
        self.then(event)


@dataclass
class Pressing(Recorder):
    """A host that presses Ctrl-C first when `when` says so, and again after each answer.

    `when` is asked about each event and all so far. `then` is done after the last answer: until
    then, what AWS is at has to be held.
    """

    when: Callable[[Event, Sequence[Event]], bool] = lambda _, __: False
    presses: int = 1
    then: Callable[[], None] = lambda: None
    interrupt: Interrupt = field(default_factory=Interrupt)

    def tell(self, event: Event) -> None:
        super().tell(event)
        if not self.interrupt.presses and self.when(event, self.events):
            self.interrupt.press()
        elif isinstance(event, Interrupted):
            if self.interrupt.presses < self.presses:
                self.interrupt.press()
            else:
                self.then()

    def carry_out(self, fleet: Fleet) -> None:
        """Carry out what was planned."""
        with self.interrupt.around([one.run for one in fleet.deployments.values()]):
            fleet.carry_out(self, self.interrupt)

    @property
    def answers(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Interrupted)]


def with_stacks(deployed: Target, *stacks: Stack) -> Target:
    """The same environment made of other stacks, with the clients that are there already."""
    return replace(deployed, stacks={stack.layer: stack for stack in stacks})


def opened(local: LocalAws, envs: Path, name: str) -> Target:
    """An environment of the payments platform in the local AWS."""
    rendered = render(PLATFORM, [load(envs, PLATFORM, name)])
    connection = Connection(endpoint_url=local.endpoint_url, local=True)
    return Target.of(PLATFORM, rendered.stacks[name], rendered.code, connection)


def deploy_all(target: Target) -> None:
    """Bring it in line with its settings."""
    deployment = Deployment(Run.on(target), target.graph)
    plan = deployment.plan(Recorder())
    outcomes = deployment.carry_out(plan, Recorder())
    failed = {layer: one for layer, one in outcomes.items() if not succeeded(one)}
    assert not failed, failed


def told(run: Run) -> list[Event]:
    """What a run of the laboratory has told."""
    assert isinstance(run.host, Recorder)
    return run.host.events


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

    def role(self) -> str:
        """The ARN of a role that CloudFormation may take; it is made when it is asked for."""
        iam = self.client("iam")
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": "cloudformation.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        with suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_role(RoleName="deployer", AssumeRolePolicyDocument=document)
        return f"arn:aws:iam::{self.account}:role/deployer"

    def stack(  # noqa: PLR0913 - a stack has that many parts
        self,
        layer: str,
        resources: dict[str, Any],
        *,
        outputs: dict[str, Any] | None = None,
        parameters: dict[str, str] | None = None,
        inputs: Mapping[str, Source] | None = None,
        settings: dict[str, str] | None = None,
        defaults: dict[str, str] | None = None,
        conditions: dict[str, Any] | None = None,
        allowed: dict[str, list[str]] | None = None,
        region: str = REGION,
        protected: bool = False,
        deadline_minutes: int | None = None,
    ) -> Stack:
        """A stack of its own template; parameters and inputs are declared as strings.

        What another environment gives is read by a setting, here of the input's name.
        """
        read = {
            name: name
            for name, source in (inputs or {}).items()
            if isinstance(source, OutputRef) and source.environment
        }
        declared: dict[str, dict[str, Any]] = {
            name: {"Type": "String"} for name in [*(parameters or {}), *(inputs or {})]
        }
        for name, value in (defaults or {}).items():
            declared[name] = {"Type": "String", "Default": value}
        for name, values in (allowed or {}).items():
            declared[name]["AllowedValues"] = values
        document = {
            "Description": "A stack of the laboratory.",
            "Metadata": {"tapgen": {"Settings": {**read, **(settings or {})}}},
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

    def guarded(self, value: str = "one", layer: str = "data") -> Stack:
        """A protected stack; its table is protected once the stack is past its creation.

        `Note` comes before the table, `Late` after it.
        """
        protection = {"Fn::If": ["IsSettled", True, False]}
        return self.stack(
            layer,
            {
                "Note": self.note(value),
                "Table": self.table(f"lab-{layer}", DeletionProtectionEnabled=protection),
                "Late": {**self.note(value), "DependsOn": "Table"},
            },
            parameters={"Settled": SETTLED},
            settings={"Settled": SETTLED_SETTING},
            conditions={"IsSettled": {"Fn::Equals": [{"Ref": "Settled"}, SETTLED]}},
            outputs={"TableName": {"Ref": "Table"}},
            protected=True,
        )

    def target(
        self, *stacks: Stack, connection: Connection | None = None, **options: Any
    ) -> Target:
        local = Connection(endpoint_url=self.local.endpoint_url, local=True)
        return Target.of(
            PLATFORM, stacks, self.code, connection or local, " --local", options=Options(**options)
        )

    def run(self, *stacks: Stack, host: Host | None = None) -> Run:
        """A run on these stacks; without a host it records what it tells (`run.host.events`)."""
        return Run.on(self.target(*stacks), host or Recorder())

    def deployment(self, *stacks: Stack, **choices: Any) -> Deployment:
        run = self.run(*stacks)
        return Deployment(run, run.target.graph, Choices(**choices))

    def fleet(self, *stacks: Stack, **choices: Any) -> Fleet:
        """The same as people run it: a fleet of one, which Ctrl-C can stop."""

        def nowhere(name: str) -> Target:
            raise LookupError(name)

        return Fleet([self.deployment(*stacks, **choices)], {}, nowhere)

    def plan(self, deployment: Deployment) -> Plan:
        return deployment.plan(Recorder())

    def deploy(self, *stacks: Stack, **choices: Any) -> Ran:
        deployment = self.deployment(*stacks, **choices)
        plan = self.plan(deployment)
        host = Recorder(answer=False)  # nobody agrees to what the plan has not shown
        outcomes = deployment.carry_out(plan, host)
        return Ran(outcomes, host.events, plan)

    def destruction(
        self, *stacks: Stack, purge_data: bool = False, host: Host | None = None
    ) -> Destruction:
        run = self.run(*stacks, host=host)
        destruction = Destruction(run, run.target.graph, purge_data)
        destruction.check()
        return destruction

    def destroy(self, *stacks: Stack, purge_data: bool = False) -> Ran:
        destruction = self.destruction(*stacks, purge_data=purge_data)
        outcomes = destruction.carry_out(Interrupt())
        return Ran(outcomes, told(destruction.run))

    def storage(self) -> Stack:
        """The layer of the artifacts bucket."""
        bucket = f"lab-artifacts-{self.account}"
        return self.stack(
            "storage",
            {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": bucket}}},
            outputs={"ArtifactsBucketName": {"Ref": "Bucket"}},
        )

    @staticmethod
    def kept(resource_type: str, **properties: Any) -> dict[str, Any]:
        """A resource that stays when its stack goes."""
        return {
            "Type": resource_type,
            "DeletionPolicy": "RetainExceptOnCreate",
            "Properties": properties,
        }

    @staticmethod
    def note(value: Any = "one", **more: Any) -> dict[str, Any]:
        """The cheapest resource there is."""
        return {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Type": "String", "Value": value, **more},
        }

    @staticmethod
    def table(name: Any, key: str = "id", **more: Any) -> dict[str, Any]:
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
