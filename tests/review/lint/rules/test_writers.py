from __future__ import annotations

from typing import Any, Final

import pytest

from tapgen.model.layer import OutputRef
from tapgen.model.stack import Stack
from tapgen.model.templates.template import Template
from tapgen.render.rendering import Rendered
from tapgen.review.lint.rules.rule import Placement
from tapgen.review.lint.rules.writers import encrypted_writer
from tests.review.lint.rules.shipped import Mutation, mutated
from tests.review.lint.rules.stubs import stack, template

KEY: Final = {"Ref": "KeyArn"}
ARN: Final = {"Fn::GetAtt": ["It", "Arn"]}


def without_statement(sid: str) -> Mutation:
    def mutate(document: dict[str, Any]) -> None:
        policy = document["Resources"]["Key"]["Properties"]["KeyPolicy"]
        policy["Statement"] = [one for one in policy["Statement"] if one["Sid"] != sid]

    return mutate


def of_a_role(role: str, change: Any) -> Mutation:
    def mutate(document: dict[str, Any]) -> None:
        (policy,) = document["Resources"][role]["Properties"]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]:
            if statement["Sid"] == "EncryptDeadLetters":
                change(statement)

    return mutate


def problems(stacks: tuple[Stack, ...]) -> list[str]:
    siblings = {one.layer: one for one in stacks}
    return [
        f"{problem.path[-1]} {problem.message}"
        for one in stacks
        for problem in encrypted_writer(Placement(one, siblings))
    ]


def changed(rendered: Rendered, layer: str, mutate: Mutation) -> tuple[Stack, ...]:
    return tuple(
        stack(mutated(one.template, mutate), layer=layer, inputs=one.inputs)
        if one.layer == layer
        else one
        for one in rendered.stacks["prod"]
    )


def test_everybody_in_the_platform_may_use_the_key(rendered: Rendered) -> None:
    assert problems(rendered.stacks["prod"]) == []


@pytest.mark.parametrize(
    ("layer", "mutate", "found"),
    [
        (
            "data",
            without_statement("EncryptAccessLogs"),
            "Stage writes to AccessLogStream, but AWSServiceRoleForAPIGateway may not use its key",
        ),
        (
            "data",
            without_statement("PublishAlarms"),
            "Api5xxAlarm writes to AlarmTopic, but cloudwatch.amazonaws.com may not use its key",
        ),
        (
            "compute",
            of_a_role("SessionManagerRole", lambda one: one["Action"].remove("kms:Decrypt")),
            "SessionManagerFunction writes to SessionManagerDlq, but the role of SessionManager",
        ),
        (
            "compute",
            of_a_role("SessionManagerRole", lambda one: one.update(Resource=["arn:of:another"])),
            "SessionManagerFunction writes to SessionManagerDlq",
        ),
    ],
)
def test_whoever_may_not_use_the_key_is_found(
    rendered: Rendered, layer: str, mutate: Mutation, found: str
) -> None:
    told = problems(changed(rendered, layer, mutate))
    assert all(one.endswith("allow kms:GenerateDataKey and kms:Decrypt") for one in told)
    assert any(one.startswith(found) for one in told), told
    assert problems(rendered.stacks["prod"]) == []


def queue(**more: Any) -> Template:
    """A queue that a topic sends to."""
    return template(
        Resources={
            "It": {"Type": "AWS::SQS::Queue", "Properties": {"KmsMasterKeyId": KEY}},
            "Subscription": {
                "Type": "AWS::SNS::Subscription",
                "Properties": {"Protocol": "sqs", "Endpoint": ARN},
            },
            **more,
        }
    )


def own_key(statement: dict[str, Any]) -> dict[str, Any]:
    properties = {"KeyPolicy": {"Statement": [statement]}}
    return {"KeyArn": {"Type": "AWS::KMS::Key", "Properties": properties}}


SNS: Final = {"Service": "sns.amazonaws.com"}


@pytest.mark.parametrize(
    ("statement", "count"),
    [
        ({"Effect": "Allow", "Principal": SNS, "Action": "kms:*"}, 0),
        ({"Effect": "Allow", "Principal": SNS, "Action": ["kms:GenerateDataKey*"]}, 1),
        ({"Effect": "Deny", "Principal": SNS, "Action": "kms:*"}, 1),
        ({"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "kms:*"}, 1),
    ],
)
def test_a_key_of_the_same_stack_is_read_there(statement: dict[str, Any], count: int) -> None:
    assert len(problems((stack(queue(**own_key(statement))),))) == count


@pytest.mark.parametrize(
    "inputs",
    [
        {},
        {"KeyArn": OutputRef("elsewhere", "KeyArn")},
        {"KeyArn": OutputRef("data", "KeyArn", environment="shared")},
    ],
)
def test_a_key_from_elsewhere_is_nobodys_business_here(inputs: dict[str, OutputRef]) -> None:
    assert problems((stack(queue(), inputs=inputs),)) == []


@pytest.mark.parametrize("role", ["arn:aws:iam::1:role/somebody", {"Ref": "Role"}])
def test_a_role_from_elsewhere_is_not_read(role: Any) -> None:
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {"Role": role, "DeadLetterConfig": {"TargetArn": ARN}},
    }
    of = template(
        Resources={
            "It": {"Type": "AWS::SQS::Queue", "Properties": {"KmsMasterKeyId": KEY}},
            "Function": function,
        }
    )
    assert problems((stack(of),)) == []


def test_an_output_that_is_no_key_tells_nothing() -> None:
    giving = template(Outputs={"KeyArn": {"Value": {"Ref": "Queue"}}})
    taking = stack(queue(), layer="taking", inputs={"KeyArn": OutputRef("data", "KeyArn")})
    assert problems((stack(giving), taking)) == []
