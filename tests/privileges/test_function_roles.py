"""No function role allows more than is used: each action is taken away in turn, and a call fails.

What function code calls is called here, with the role's policy changed in place. What Lambda and
other services do with the role is not: the local AWS does it without asking IAM. Those requests are
written out with where AWS documents them, and put to the evaluation that the local AWS uses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.privileges.evaluation import (
    Document,
    decision,
    endpoint_decision,
    request,
    statements,
    without_action,
    without_statement,
)
from tests.privileges.functions import Attempt, Functions

if TYPE_CHECKING:
    from tapgen.deploy.target.target import Target

pytestmark = pytest.mark.slow

PAYMENTS: Final = "PaymentProcessor"
SESSIONS: Final = "SessionManager"
POLICY: Final = "run-function"


@dataclass(frozen=True)
class Call:
    """A call of a function, and the status it gives a caller when all is well."""

    prepare: Callable[[Functions], Attempt]
    status: int


# (function, statement, action) -> the call that nobody can make any more without it.
CALLS: Final = {
    (PAYMENTS, "UseTable1", "dynamodb:GetItem"): Call(Functions.replay_without_record, 201),
    (PAYMENTS, "UseTable1", "dynamodb:PutItem"): Call(Functions.pay, 201),
    (PAYMENTS, "UseTable1", "dynamodb:Query"): Call(Functions.read_payment, 200),
    (PAYMENTS, "UseTable2", "dynamodb:DeleteItem"): Call(Functions.contradict_without_record, 422),
    (PAYMENTS, "UseTable2", "dynamodb:PutItem"): Call(Functions.replay, 201),
    (PAYMENTS, "UseTable2", "dynamodb:UpdateItem"): Call(Functions.pay, 201),
    (SESSIONS, "UseTable1", "dynamodb:DeleteItem"): Call(Functions.end_session, 204),
    (SESSIONS, "UseTable1", "dynamodb:GetItem"): Call(Functions.read_session, 200),
    (SESSIONS, "UseTable1", "dynamodb:PutItem"): Call(Functions.open_session, 201),
}


@dataclass(frozen=True)
class Use:
    """What a service asks for with the role: on which resources, with which condition keys.

    `documented` says where AWS tells so. A resource in braces is filled from the deployed role.
    """

    resources: tuple[str, ...]
    documented: str
    keys: dict[str, str] = field(default_factory=dict)


_VPC: Final = "managed policy AWSLambdaVPCAccessExecutionRole"
_XRAY: Final = "managed policy AWSXRayDaemonWriteAccess"
_LOGS: Final = "managed policy AWSLambdaBasicExecutionRole"
_DLQ: Final = "Lambda developer guide, Adding a dead-letter queue: sqs:SendMessage on the queue"
_DYNAMODB_KEY: Final = (
    "DynamoDB developer guide, DynamoDB encryption at rest: who uses a table under a customer "
    "managed key needs to be allowed to decrypt with it through DynamoDB"
)
_VARIABLES_KEY: Final = (
    "Lambda developer guide, Securing environment variables: the execution role decrypts those "
    "under a customer managed key"
)
_QUEUE_KEY: Final = (
    "SQS developer guide, Key management: a producer to a queue under a customer managed key needs "
    "kms:GenerateDataKey, and kms:Decrypt to verify the data key"
)
_INTERFACE: Final = "arn:aws:ec2:us-east-1:111111111111:network-interface/eni-0123456789abcdef0"
_ANY_ID: Final = "arn:aws:ec2:us-east-1:111111111111:*/*"
_ATTACHING: Final = (
    "Lambda developer guide, Configuring a Lambda function to access resources in a VPC: before "
    "there is an interface, the role must allow this for all resource IDs"
)
_SUBNET: Final = "arn:aws:ec2:us-east-1:111111111111:subnet/subnet-0123456789abcdef0"


def _through(service: str) -> dict[str, str]:
    return {"kms__ViaService": f"{service}.us-east-1.amazonaws.com"}


# (statement, action) -> the uses by services, the same for every function.
SERVICE_USES: Final[dict[tuple[str, str], tuple[Use, ...]]] = {
    ("CreateNetworkInterfaces", "ec2:CreateNetworkInterface"): (
        # One request, which needs permission on each of the three (service authorization
        # reference of EC2).
        Use((_INTERFACE, _SUBNET, "{security-group}"), _VPC),
    ),
    **{
        ("ChangeNetworkInterfaces", f"ec2:{action}"): (
            Use((_INTERFACE,), _VPC),
            Use((_ANY_ID,), _ATTACHING),
        )
        for action in (
            "AssignPrivateIpAddresses",
            "DeleteNetworkInterface",
            "UnassignPrivateIpAddresses",
        )
    },
    **{
        ("SeeNetworkInterfaces", f"ec2:{action}"): (Use(("*",), _VPC),)
        for action in ("DescribeNetworkInterfaces", "DescribeSubnets")
    },
    **{
        ("WriteLogs", f"logs:{action}"): (Use(("{log-group}",), _LOGS),)
        for action in ("CreateLogStream", "PutLogEvents")
    },
    **{
        ("WriteTraces", f"xray:{action}"): (Use(("*",), _XRAY),)
        for action in ("PutTelemetryRecords", "PutTraceSegments")
    },
    ("SendDeadLetters", "sqs:SendMessage"): (Use(("{queue}",), _DLQ),),
    ("DecryptTablesAndEnvironment", "kms:Decrypt"): (
        Use(("{key}",), _DYNAMODB_KEY, _through("dynamodb")),
        Use(("{key}",), _VARIABLES_KEY, _through("lambda")),
    ),
    **{
        ("EncryptDeadLetters", f"kms:{action}"): (Use(("{key}",), _QUEUE_KEY, _through("sqs")),)
        for action in ("Decrypt", "GenerateDataKey")
    },
}
DENIAL: Final = "DenyNetworkInterfacesToCode"
both = pytest.mark.parametrize("function", [PAYMENTS, SESSIONS])


@dataclass(frozen=True)
class Role:
    """The deployed role of a function."""

    client: Any
    name: str
    arn: str
    document: Document

    @contextmanager
    def allowing(self, document: Document) -> Iterator[None]:
        """Change the policy in place for the time of the block."""
        self._put(document)
        try:
            yield
        finally:
            self._put(self.document)

    def _put(self, document: Document) -> None:
        self.client.put_role_policy(
            RoleName=self.name, PolicyName=POLICY, PolicyDocument=json.dumps(document)
        )

    def resource(self, name: str) -> str:
        """The ARN that the role names for what stands in braces in `Use`."""
        sid, index = {
            "{security-group}": ("CreateNetworkInterfaces", 2),
            "{log-group}": ("WriteLogs", 0),
            "{queue}": ("SendDeadLetters", 0),
            "{key}": ("EncryptDeadLetters", 0),
        }[name]
        arn: str = statements(self.document)[sid]["Resource"][index]
        # The role names the streams of a group by a wildcard; each is a resource of its own.
        return arn.replace(":*", ":log-stream:2026/01/01[1]0123")

    def asked(self, action: str, use: Use) -> list[str]:
        """What IAM decides with the whole policy, for each resource of the request."""
        return [self.decided(self.document, action, use, one) for one in use.resources]

    def decided(self, document: Document, action: str, use: Use, resource: str) -> str:
        arn = self.resource(resource) if resource.startswith("{") else resource
        return decision(document, request(action, arn, self.arn, **use.keys))


@pytest.fixture(scope="module")
def functions(target: Target) -> Functions:
    return Functions(target)


@pytest.fixture(scope="module")
def roles(functions: Functions) -> dict[str, Role]:
    iam = functions.client("iam")
    found = {}
    for title in (PAYMENTS, SESSIONS):
        name = functions.output("compute", f"{title}FunctionName")
        configuration = functions.client("lambda").get_function_configuration(FunctionName=name)
        arn = configuration["Role"]
        role = arn.rpartition("/")[2]
        policy = iam.get_role_policy(RoleName=role, PolicyName=POLICY)["PolicyDocument"]
        found[title] = Role(iam, role, arn, policy)
    return found


def allowed(document: Document) -> set[tuple[str, str]]:
    return {
        (one["Sid"], action)
        for one in document["Statement"]
        if one["Effect"] == "Allow"
        for action in one["Action"]
    }


@both
def test_every_action_has_its_use(roles: dict[str, Role], function: str) -> None:
    called = {(sid, action) for title, sid, action in CALLS if title == function}
    assert called.isdisjoint(SERVICE_USES)
    assert allowed(roles[function].document) == called | set(SERVICE_USES)


@both
def test_the_role_has_no_other_policy(roles: dict[str, Role], function: str) -> None:
    role = roles[function]
    assert role.client.list_role_policies(RoleName=role.name)["PolicyNames"] == [POLICY]
    attached = role.client.list_attached_role_policies(RoleName=role.name)
    assert attached["AttachedPolicies"] == []


@pytest.mark.parametrize("case", CALLS, ids=":".join)
def test_without_the_action_its_call_fails(
    functions: Functions, roles: dict[str, Role], case: tuple[str, str, str]
) -> None:
    function, sid, action = case
    call, role = CALLS[case], roles[function]
    assert call.prepare(functions)().status == call.status
    attempt = call.prepare(functions)
    with role.allowing(without_action(role.document, sid, action)):
        reply = attempt()
    assert reply.denied, reply.log
    assert call.prepare(functions)().status == call.status


@pytest.mark.parametrize(
    ("function", "sid"), sorted({(function, sid) for function, sid, _ in CALLS}), ids=str
)
def test_without_the_statement_all_its_calls_fail(
    functions: Functions, roles: dict[str, Role], function: str, sid: str
) -> None:
    calls = [call for (title, one, _), call in CALLS.items() if (title, one) == (function, sid)]
    attempts = [call.prepare(functions) for call in calls]
    role = roles[function]
    with role.allowing(without_statement(role.document, sid)):
        replies = [attempt() for attempt in attempts]
    assert all(reply.denied for reply in replies), [reply.log for reply in replies]


def test_a_function_tells_of_its_work_without_further_permissions(functions: Functions) -> None:
    """Log lines and metrics (which are log lines) of a call are those of that call."""
    log = functions.pay()().log
    assert '"message":"answered"' in log
    assert '"TransactionsCreated"' in log


# --- what services do with the role ----------------------------------------------------------


@both
@pytest.mark.parametrize("case", SERVICE_USES, ids=":".join)
def test_a_service_may_do_what_it_is_there_for_and_could_not_otherwise(
    roles: dict[str, Role], function: str, case: tuple[str, str]
) -> None:
    sid, action = case
    role = roles[function]
    reduced = without_action(role.document, sid, action)
    for use in SERVICE_USES[case]:
        assert set(role.asked(action, use)) == {"Allow"}
        without = {role.decided(reduced, action, use, one) for one in use.resources}
        assert without == {"ImplicitDeny"}


@both
def test_every_resource_and_every_condition_value_is_used(
    roles: dict[str, Role], function: str
) -> None:
    """Of a statement with several of them, each is taken away alone."""
    role = roles[function]
    for (sid, action), uses in SERVICE_USES.items():
        statement = statements(role.document)[sid]
        narrower = [
            {**statement, "Resource": [one for one in statement["Resource"] if one != left]}
            for left in statement["Resource"]
            if len(statement["Resource"]) > 1
        ] + [
            {**statement, "Condition": {"StringEquals": {key: [v for v in values if v != left]}}}
            for key, values in statement.get("Condition", {}).get("StringEquals", {}).items()
            for left in values
        ]
        for one in narrower:
            document = {"Version": "2012-10-17", "Statement": [one]}
            decisions = {
                role.decided(document, action, use, resource)
                for use in uses
                for resource in use.resources
            }
            assert "ImplicitDeny" in decisions, one


@both
def test_code_may_not_do_with_interfaces_what_lambda_may(
    roles: dict[str, Role], function: str
) -> None:
    """Lambda adds lambda:SourceFunctionArn to what function code asks, and not to its own calls."""
    role = roles[function]
    (denied,) = (one for one in role.document["Statement"] if one["Effect"] == "Deny")
    source = denied["Condition"]["ArnEquals"]["lambda:SourceFunctionArn"]
    assert denied["Sid"] == DENIAL
    lambdas = {action: uses for (_, action), uses in SERVICE_USES.items() if action[:4] == "ec2:"}
    assert denied["Action"] == ["ec2:*"]
    for action, (use, *_) in lambdas.items():
        code = Use(use.resources, use.documented, {"lambda__SourceFunctionArn": source})
        assert set(role.asked(action, code)) == {"Deny"}
        undenied = without_action(role.document, DENIAL, "ec2:*")
        assert {role.decided(undenied, action, code, one) for one in use.resources} == {"Allow"}


@both
@pytest.mark.parametrize("name", [_VPC, _XRAY, _LOGS])
def test_the_managed_policies_that_document_a_use_are_not_exceeded(
    functions: Functions, roles: dict[str, Role], function: str, name: str
) -> None:
    """They are read as the local AWS has them; each allows its actions on all resources."""
    iam = functions.client("iam")
    policies = iam.get_paginator("list_policies").paginate(Scope="AWS")
    wanted = name.rpartition(" ")[2]
    (arn,) = (
        one["Arn"] for page in policies for one in page["Policies"] if one["PolicyName"] == wanted
    )
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    found = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    managed = {action for one in found["Statement"] for action in one["Action"]}
    ours = {
        action
        for (_, action), uses in SERVICE_USES.items()
        if any(use.documented == name for use in uses)
    }
    assert ours
    assert ours <= managed


# --- the way out of the VPC -------------------------------------------------------------------


def test_the_endpoint_lets_through_what_the_functions_ask_dynamodb_and_nothing_else(
    functions: Functions, roles: dict[str, Role]
) -> None:
    """The local AWS has no network, so nothing asks the endpoint's policy there."""
    endpoints = functions.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    (policy,) = (
        json.loads(one["PolicyDocument"])
        for one in endpoints
        if one["ServiceName"].endswith(".dynamodb")
    )
    asked = {
        (role.arn, action, resource)
        for role in roles.values()
        for statement in role.document["Statement"]
        for action in statement["Action"]
        for resource in statement["Resource"]
        if action.startswith("dynamodb:")
    }
    for principal, action, resource in asked:
        assert endpoint_decision(policy, request(action, resource, principal)) == "Allow"
        stranger = principal.replace(principal.split(":")[4], "999999999999")
        assert endpoint_decision(policy, request(action, resource, stranger)) != "Allow"
    passing = {action for one in policy["Statement"] for action in one["Action"]}
    assert passing == {action for _, action, _ in asked}
