"""tapgen does all its work with the policies it writes, and each call fails without its actions."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from tapgen.aws.resources.artifacts import Artifacts
from tapgen.aws.resources.functions import last_deployment
from tapgen.deploy.flow.events import Note
from tapgen.deploy.flow.host import SILENT, Recorder
from tapgen.deploy.observe.checks import unseen
from tapgen.deploy.observe.drift import look_for_drift
from tapgen.deploy.observe.inspection import at_work, outputs, states
from tapgen.deploy.observe.verify import verify
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.run.step import Choices
from tapgen.deploy.target.lock import holder, locked
from tapgen.deploy.target.run import Run
from tapgen.errors import TapgenError
from tapgen.local.client import api_url
from tapgen.model.aws_calls import CALLS, Call, Purpose
from tapgen.model.plan import NoChange
from tests.privileges.conftest import World, deploy
from tests.privileges.denial import denied, without
from tests.privileges.recording import Recorded, Recording, recording
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tapgen.deploy.target.target import Target

pytestmark = pytest.mark.slow

DATA: Final = {"StackName": "payments-dev-data"}
FUNCTION: Final = "payments-dev-payment-processor"
STREAM: Final = "AWS::Kinesis::Stream"
OCCASIONAL: Final[dict[tuple[str, str], dict[str, Any]]] = {
    ("cloudcontrol", "GetResource"): {"TypeName": STREAM, "Identifier": "a"},
    ("cloudcontrol", "ListResources"): {"TypeName": STREAM},
    ("cloudformation", "CancelUpdateStack"): DATA,
    ("cloudformation", "ContinueUpdateRollback"): DATA,
    ("cloudformation", "DeleteChangeSet"): {**DATA, "ChangeSetName": "tapgen-none"},
    ("cloudformation", "DeleteStack"): {"StackName": "payments-dev-none"},
    ("cloudformation", "DescribeEvents"): DATA,
    ("cloudformation", "DescribeStackResources"): DATA,
    ("cloudformation", "RollbackStack"): DATA,
    ("cloudformation", "UpdateTerminationProtection"): {
        **DATA,
        "EnableTerminationProtection": False,
    },
    ("ec2", "DeleteNetworkInterface"): {"NetworkInterfaceId": "eni-0123456789abcdef0"},
    ("ec2", "DescribeAddresses"): {},
    ("s3", "ListBuckets"): {},
    ("sns", "ListSubscriptionsByTopic"): {
        "TopicArn": "arn:aws:sns:us-east-1:111111111111:payments-dev-alarms"
    },
}
"""Harmless parameters of what only failures, rescues, removals and other settings call for."""
OF_AWS_ONLY: Final = {"pricing"}
"""Services that the local AWS does not have, and that tapgen does not ask it for."""
MADE_BY_TAPGEN: Final = [
    call
    for call in CALLS
    if call.actions
    and call.purpose not in {Purpose.BOOTSTRAP, Purpose.PURGE}
    and call.service not in OF_AWS_ONLY
]


def failing(target: Target, world: World, *, read_only: bool) -> list[str]:
    """What `tapgen verify` finds that does not hold."""
    checks = verify(target, lambda url: api_url(world.local, url), read_only=read_only)
    return [f"{one.logical_id}: {one.actual}" for one in checks if one.ok is False or unseen(one)]


def look(target: Target) -> None:
    """What changes nothing: status, outputs, drift."""
    layers = list(target.stacks)
    found = states(target, layers)
    assert at_work(target, found) == {}
    assert outputs(target, layers)
    assert holder(target) is None
    # The run that died has left the stack policy of data as nobody has declared it.
    assert {one.layer for one in look_for_drift(target, layers) if one.drifted} <= {"data"}


def leave_unfinished(target: Target) -> None:
    """As a run that died before it had put the stack policy back that it had lifted."""
    data = target.stacks["data"]
    cloudformation = target.cloudformation(data)
    assert cloudformation.set_policy(data.name, {"Statement": []})
    run = Run.on(target)
    with locked(run, "deploy"):
        run.state.unfinished.add("data")


def shift_in_vain(target: Target) -> None:
    """A deployment of CodeDeploy that fails: the alias is already where it is to go."""
    client = target.region_of(target.stacks["compute"]).client("codedeploy")
    version = {"CurrentVersion": "1", "TargetVersion": "1"}
    properties = {"Name": FUNCTION, "Alias": "live", **version}
    resource = {"worker": {"Type": "AWS::Lambda::Function", "Properties": properties}}
    content = json.dumps({"version": 0.0, "Resources": [resource]})
    group = {"applicationName": "payments-dev", "deploymentGroupName": FUNCTION}
    client.create_deployment(
        **group,
        revision={"revisionType": "AppSpecContent", "appSpecContent": {"content": content}},
    )
    wait_until(
        lambda: client.list_deployments(**group, includeOnlyStatuses=["Failed"])["deployments"],
        "a deployment that failed",
    )


@pytest.fixture(scope="module")
def calls(world: World, deployment: Recording) -> Recording:
    """What the deployer called for all commands but those that remove something."""
    deployer = world.target("deployer")
    leave_unfinished(world.target())
    shift_in_vain(world.target())
    with recording() as made:
        look(deployer)
        run = Run.on(deployer)
        with locked(run, "test"):
            deploy(run, full=True)
        assert failing(deployer, world, read_only=False) == []
        region = deployer.region_of(deployer.stacks["compute"])
        assert last_deployment(region, "payments-dev", FUNCTION, None)
    occasional = {name: Recorded("us-east-1", given) for name, given in OCCASIONAL.items()}
    return {**occasional, **made, **deployment}


def test_every_call_has_its_occasion(calls: Recording) -> None:
    assert {(call.service, call.operation) for call in MADE_BY_TAPGEN} <= calls.keys()
    listed = {(call.service, call.operation) for call in CALLS}
    assert calls.keys() <= listed


@pytest.mark.parametrize("call", MADE_BY_TAPGEN, ids=lambda one: f"{one.service}:{one.operation}")
def test_without_its_actions_a_call_is_denied(world: World, calls: Recording, call: Call) -> None:
    recorded = calls[call.service, call.operation]
    world.people.limit("lacking", without(world, call))
    assert denied(world, "lacking", call, recorded)


@pytest.mark.parametrize("name", OCCASIONAL, ids=":".join)
def test_what_there_was_no_occasion_for_is_allowed(
    world: World, target: Target, name: tuple[str, str]
) -> None:
    (call,) = (one for one in CALLS if (one.service, one.operation) == name)
    recorded = Recorded("us-east-1", OCCASIONAL[name])
    assert denied(world, "deployer", call, recorded) is None


def test_a_reviewer_sees_everything_and_plans(world: World, target: Target) -> None:
    reviewer = world.target("reviewer")
    look(reviewer)
    assert failing(reviewer, world, read_only=True) == []
    run = Run.on(reviewer)
    with locked(run, "plan"):
        deployment = Deployment(run, reviewer.graph, Choices(full=True))
        plan = deployment.plan(SILENT)
        assert {type(entry) for entry in plan.entries.values()} == {NoChange}


@pytest.mark.parametrize(
    "call",
    [call for call in MADE_BY_TAPGEN if call.purpose is Purpose.DEPLOY],
    ids=lambda one: f"{one.service}:{one.operation}",
)
def test_a_reviewer_can_carry_out_nothing(world: World, calls: Recording, call: Call) -> None:
    assert denied(world, "reviewer", call, calls[call.service, call.operation])


def test_a_deployer_puts_no_object_anywhere_but_into_the_artifacts(
    world: World, target: Target
) -> None:
    bucket = (target.outputs("storage") or {})["ApiLogsBucketName"]
    logs = Artifacts(world.target("deployer").account, "us-east-1", bucket)
    with pytest.raises(TapgenError, match=r"403|AccessDenied"):
        logs.put("templates/x.json", b"{}")


def test_a_deployer_moves_callers_in_steps_and_goes_back(world: World, target: Target) -> None:
    """CodeDeploy does it with its bounded role; the new versions are called by the check's."""
    deployer = world.target("deployer")
    declared = deployer.stacks["compute"]
    given = {**declared.parameters, "Rollout": "canary-10-5", "MemoryMb": "640"}
    stacks = {**deployer.stacks, "compute": replace(declared, parameters=given)}
    host = Recorder()
    deploy(Run.on(replace(deployer, stacks=stacks)), "compute", host=host)
    told = [event.text for event in host.events if isinstance(event, Note)]
    assert any(text.startswith(f"traffic of {FUNCTION}: 10 % to version ") for text in told)
    client = target.region_of(declared).client("codedeploy")
    done, *_ = client.list_deployments(  # the newest comes first
        applicationName="payments-dev",
        deploymentGroupName=FUNCTION,
        includeOnlyStatuses=["Succeeded"],
    )["deployments"]
    events = client.get_deployment_target(deploymentId=done, targetId=f"{FUNCTION}:live")
    hooks = {
        one["lifecycleEventName"]: one["status"]
        for one in events["deploymentTarget"]["lambdaTarget"]["lifecycleEvents"]
    }
    assert hooks["BeforeAllowTraffic"] == "Succeeded"
    deploy(Run.on(deployer), "compute")
