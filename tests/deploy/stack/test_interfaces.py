"""What functions leave in a network is removed before the network goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.cloudformation.watch import StoppedError
from tapgen.deploy.flow.events import Note
from tapgen.deploy.stack import interfaces
from tapgen.deploy.stack.interfaces import release_interfaces
from tapgen.errors import TapgenError
from tapgen.model.deployed.events import Deleted, Failed
from tapgen.model.layer import outputs_of
from tests.behaviour.templates import ATTACHING, trusting
from tests.lab import told
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tapgen.model.stack import Stack
    from tests.lab import Lab, Ran

TRUST = trusting("lambda")


def network(lab: Lab) -> Stack:
    vpc = {"Ref": "Vpc"}
    return lab.stack(
        "network",
        {
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
            "Subnet": {
                "Type": "AWS::EC2::Subnet",
                "Properties": {"VpcId": vpc, "CidrBlock": "10.0.0.0/24"},
            },
            "Group": {
                "Type": "AWS::EC2::SecurityGroup",
                "Properties": {"VpcId": vpc, "GroupDescription": "Functions."},
            },
        },
        outputs={"SubnetId": {"Ref": "Subnet"}, "GroupId": {"Ref": "Group"}},
    )


def compute(lab: Lab, name: str = "lab-payer") -> Stack:
    function = {
        "FunctionName": name,
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Code": {"ZipFile": "def handler(event, context): ..."},
        "VpcConfig": {
            "SubnetIds": [{"Ref": "SubnetId"}],
            "SecurityGroupIds": [{"Ref": "GroupId"}],
        },
    }
    return lab.stack(
        "compute",
        {
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": TRUST,
                    "ManagedPolicyArns": [ATTACHING],
                },
            },
            "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
        },
        inputs=outputs_of("network", "SubnetId", "GroupId"),
    )


def notes(ran: Ran) -> list[str]:
    return [event.text for event in ran.events if isinstance(event, Note)]


def left(lab: Lab) -> list[dict[str, Any]]:
    return list(lab.client("ec2").describe_network_interfaces()["NetworkInterfaces"])


@pytest.mark.slow
def test_the_network_goes_after_the_functions(lab: Lab) -> None:
    stacks = network(lab), compute(lab)
    lab.deploy(*stacks)
    (interface,) = left(lab)
    ran = lab.destroy(*stacks)
    assert ran.outcomes == {"compute": Deleted(), "network": Deleted()}
    (note,) = notes(ran)
    assert note.startswith(
        f"deleted {interface['NetworkInterfaceId']}, network interface of lab-payer-"
    )
    assert left(lab) == []


@pytest.mark.slow
def test_in_two_runs_too_and_after_a_deletion_that_failed(lab: Lab) -> None:
    stacks = network(lab), compute(lab)
    lab.deploy(*stacks)
    for layer in ("compute", "network"):
        lab.client("cloudformation").delete_stack(StackName=f"lab-{layer}")
        wait_until(lambda: lab.status(layer) in {"ABSENT", "DELETE_FAILED"})  # noqa: B023 - used up within the loop
    assert lab.status("network") == "DELETE_FAILED"
    assert lab.destroy(*stacks).outcomes["network"] == Deleted()
    assert left(lab) == []


@pytest.mark.slow
def test_somebody_elses_interfaces_stay_and_aws_says_why_the_network_does(lab: Lab) -> None:
    stacks = network(lab), compute(lab, "their-function")
    lab.deploy(*stacks)
    failed = lab.destroy(*stacks).outcomes["network"]
    assert isinstance(failed, Failed)
    assert "has a dependent object" in failed.reason or "has dependencies" in failed.reason
    assert "delete" in failed.hint
    assert [one["Status"] for one in left(lab)] == ["available"]


@pytest.mark.slow
def test_what_lambda_holds_is_waited_for_until_it_is_enough(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    stacks = network(lab), compute(lab)
    lab.deploy(*stacks)
    run = lab.run(*stacks)
    monkeypatch.setattr(interfaces, "_SECONDS", 0.6)
    with pytest.raises(TapgenError, match="the use of network interfaces in lab-network did not"):
        release_interfaces(run, stacks[0])
    (interface,) = left(lab)
    waiting = Note("network", f"waiting until Lambda releases {interface['NetworkInterfaceId']}")
    assert told(run) == [waiting]
    run.state.stopping = True
    with pytest.raises(StoppedError):
        release_interfaces(run, stacks[0])


def test_a_stack_without_a_network_is_not_asked_about(lab: Lab) -> None:
    stack = lab.stack("data", {"Note": lab.note()})
    run = lab.run(stack)
    release_interfaces(run, stack)  # there is no such stack to list resources of
    assert told(run) == []
