"""What a request asks of its caller beside its own action: without one of these it is denied."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest
from botocore.exceptions import ClientError

from tapgen.iam import policies
from tapgen.iam.policies import Policy, Roles
from tapgen.payments.platform import PLATFORM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tapgen.deploy.target.target import Target
    from tests.privileges.conftest import World

pytestmark = pytest.mark.slow

ROLE: Final = "arn:aws:iam::111111111111:role/cloudformation"
ZONES: Final = {
    "Resources": {
        "Note": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Type": "StringList", "Value": {"Fn::Join": [",", {"Fn::GetAZs": ""}]}},
        }
    }
}
PLAIN: Final = {"Resources": {"Note": {"Type": "AWS::SSM::Parameter"}}}


def making(template: dict[str, Any], **options: Any) -> Callable[[Any], None]:
    """Makes a change set, and removes it and its empty stack."""

    def make(client: Any) -> None:
        client.create_change_set(
            StackName="payments-dev-none",
            ChangeSetName="tapgen-none",
            ChangeSetType="CREATE",
            TemplateBody=json.dumps(template),
            **options,
        )
        client.delete_stack(StackName="payments-dev-none")

    return make


def looking(client: Any) -> None:
    client.detect_stack_drift(StackName="payments-dev-none")


REQUESTS: Final[dict[str, tuple[Callable[[Any], None], str]]] = {
    "ec2:DescribeAvailabilityZones": (making(ZONES), "*"),
    "ec2:DescribeAccountAttributes": (making(ZONES), "*"),
    "ec2:DescribeSubnets": (making(ZONES), "*"),
    "iam:PassRole": (making(ZONES, RoleARN=ROLE), ROLE),
    "cloudformation:TagResource": (
        making(PLAIN, Tags=[{"Key": "a", "Value": "b"}]),
        "stack/payments-dev-none/*",
    ),
    "cloudformation:DetectStackResourceDrift": (looking, "stack/payments-dev-none/*"),
    "cloudformation:BatchDescribeTypeConfigurations": (looking, "*"),
}


def sending(service: str, operation: str, **request: Any) -> Callable[[World], None]:
    """Writes, as somebody else than the functions, into what is encrypted with the key."""

    def send(world: World) -> None:
        client = world.client("lacking", service, "us-east-1")
        getattr(client, operation)(**request)

    return send


QUEUE: Final = "payments-dev-payment-processor-dlq"
WRITING: Final = {
    "firehose:PutRecord": sending(
        "firehose",
        "put_record",
        DeliveryStreamName="amazon-apigateway-payments-dev",
        Record={"Data": b"x"},
    ),
    "sqs:SendMessage": sending(
        "sqs",
        "send_message",
        QueueUrl=f"http://queue/111111111111/{QUEUE}",
        MessageBody="x",
    ),
}


@pytest.mark.parametrize("action", WRITING)
def test_whoever_writes_into_what_is_encrypted_takes_its_key(
    world: World, target: Target, action: str
) -> None:
    taken = [action]
    for missing in ("kms:GenerateDataKey", "kms:Decrypt"):
        allow(world, taken)
        with pytest.raises(ClientError, match=f"not authorized to perform: {missing} on resource"):
            WRITING[action](world)
        taken.append(missing)
    allow(world, taken)
    WRITING[action](world)


def allow(world: World, actions: list[str]) -> None:
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    world.people.limit("lacking", {"Version": "2012-10-17", "Statement": [statement]})


def without(made: tuple[Policy, ...], action: str) -> dict[str, Any]:
    """The policies as one that lacks an action."""
    statements = [one for policy in made for one in policy.document["Statement"]]
    left = [{**one, "Action": [a for a in one["Action"] if a != action]} for one in statements]
    return {"Version": "2012-10-17", "Statement": [one for one in left if one["Action"]]}


@contextmanager
def nothing_but(world: World, document: dict[str, Any]) -> Iterator[Any]:
    """A client of CloudFormation of somebody with this policy alone."""
    world.people.limit("lacking", document)
    yield world.client("lacking", "cloudformation", "us-east-1")


@pytest.fixture(scope="module")
def deployer(world: World) -> tuple[Policy, ...]:
    """A deployer who leaves the resources to a role, which is there."""
    taken = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudformation.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    world.people.iam.create_role(
        RoleName="cloudformation",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [taken]}),
    )
    stacks = world.rendered.stacks["dev"]
    return policies.deployer(PLATFORM, stacks, Roles(service=ROLE))


@pytest.mark.parametrize("action", REQUESTS)
def test_without_the_action_the_request_is_denied(
    world: World, deployer: tuple[Policy, ...], action: str
) -> None:
    request, resource = REQUESTS[action]
    with (
        nothing_but(world, without(deployer, action)) as client,
        pytest.raises(ClientError) as denied,
    ):
        request(client)
    error = denied.value.response["Error"]
    assert error["Code"] == "AccessDenied"
    assert f"is not authorized to perform: {action} on resource: " in error["Message"]
    assert resource.removesuffix("/*") in error["Message"]


@pytest.mark.parametrize("action", [one for one in REQUESTS if REQUESTS[one][0] is not looking])
def test_with_all_of_them_it_is_answered(
    world: World, deployer: tuple[Policy, ...], action: str
) -> None:
    request, _ = REQUESTS[action]
    with nothing_but(world, without(deployer, "")) as client:
        request(client)
        found = client.describe_stacks()["Stacks"]
    assert "payments-dev-none" not in {one["StackName"] for one in found}


def test_with_a_role_the_caller_need_not_know_the_zones(
    world: World, deployer: tuple[Policy, ...]
) -> None:
    with nothing_but(world, without(deployer, "ec2:DescribeAvailabilityZones")) as client:
        making(ZONES, RoleARN=ROLE)(client)
        with pytest.raises(ClientError, match="DescribeAvailabilityZones"):
            making(ZONES)(client)
