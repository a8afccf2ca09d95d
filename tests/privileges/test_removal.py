"""The deployer removes the environment with its data. After all other tests here, by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tapgen.deploy.run.destroy import Destruction
from tapgen.deploy.stack.interrupt import Interrupt
from tapgen.deploy.target.run import Run
from tapgen.model.aws_calls import CALLS, Call, Purpose
from tapgen.model.deployed.events import succeeded
from tests.privileges.conftest import World
from tests.privileges.denial import denied, without
from tests.privileges.recording import Recorded, Recording, recording

if TYPE_CHECKING:
    from tapgen.deploy.target.target import Target

pytestmark = pytest.mark.slow

REGION: Final = "us-east-1"
STREAM: Final = {"TypeName": "AWS::Kinesis::Stream", "Identifier": "a"}


OCCASIONAL: Final[dict[tuple[str, str], dict[str, Any]]] = {
    ("cloudcontrol", "DeleteResource"): STREAM,
    ("cloudcontrol", "GetResourceRequestStatus"): {"RequestToken": "t"},
    ("cloudcontrol", "UpdateResource"): {**STREAM, "PatchDocument": "[]"},
    ("cognito-idp", "DeleteUserPoolDomain"): {"UserPoolId": "us-east-1_a", "Domain": "a"},
    ("cognito-idp", "UpdateUserPool"): {"UserPoolId": "us-east-1_a"},
    ("dynamodb", "UpdateTable"): {
        "TableName": "payments-dev-transactions",
        "DeletionProtectionEnabled": False,
    },
    ("logs", "PutLogGroupDeletionProtection"): {
        "logGroupIdentifier": "/aws/lambda/payments-dev-payment-processor",
        "deletionProtectionEnabled": False,
    },
    ("route53", "ChangeResourceRecordSets"): {
        "HostedZoneId": "Z1",
        "ChangeBatch": {
            "Changes": [
                {"Action": "DELETE", "ResourceRecordSet": {"Name": "a.example.com", "Type": "A"}}
            ]
        },
    },
    ("secretsmanager", "RemoveRegionsFromReplication"): {
        "SecretId": "payments-dev/origin-verify",
        "RemoveReplicaRegions": ["eu-west-1"],
    },
}
"""Parameters of calls that only protected or further resources need."""


@pytest.fixture(scope="module")
def calls(world: World, target: Target) -> Recording:
    deployer = world.target("deployer")
    destruction = Destruction(Run.on(deployer), deployer.part(()), purge_data=True)
    with recording() as made:
        destruction.check()
        outcomes = destruction.carry_out(Interrupt())
    failed = {name: end for name, end in outcomes.items() if not succeeded(end)}
    assert not failed, failed
    return {name: Recorded(REGION, given) for name, given in OCCASIONAL.items()} | made


@pytest.mark.parametrize(
    "call",
    [call for call in CALLS if call.purpose is Purpose.PURGE],
    ids=lambda one: f"{one.service}:{one.operation}",
)
def test_without_its_actions_a_call_is_denied(world: World, calls: Recording, call: Call) -> None:
    recorded = calls[call.service, call.operation]
    world.people.limit("lacking", without(world, call))
    assert denied(world, "lacking", call, recorded)
