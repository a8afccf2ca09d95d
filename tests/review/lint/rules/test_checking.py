"""Each rule objects to what it is for, at the right place, and to nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tapgen.model.layer import OutputRef
from tapgen.model.stack import Stack
from tapgen.model.templates.template import Template
from tapgen.payments.platform import PLATFORM
from tapgen.render.function_package import Code
from tapgen.render.rendering import Rendered
from tapgen.review.lint.findings import Finding
from tapgen.review.lint.rules.checking import check
from tapgen.review.lint.rules.registry import STACK_RULES, TEMPLATE_RULES
from tapgen.review.lint.rules.rule import Rule
from tapgen.review.lint.rules.tags import RULE as TAGS

WANTED_TAGS = ("CostCenter", "Environment", "Layer", "ManagedBy", "Project")
TAGGED = {"Tags": [{"Key": key, "Value": "x"} for key in WANTED_TAGS]}
RETAINED = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
SECRET = "AWS::SecretsManager::Secret"
QUEUE = {"Type": "AWS::SQS::Queue", "Properties": TAGGED, **RETAINED}


def template(settings: Mapping[str, str] | None = None, **sections: Any) -> Template:
    document = {
        "Metadata": {"tapgen": {"Layer": "data", "Settings": settings or {}}},
        "Resources": {"Queue": QUEUE},
        **sections,
    }
    return Template("data", json.dumps(document, indent=1, ensure_ascii=False))


def with_resource(type_: str, properties: Mapping[str, Any], **attributes: Any) -> Template:
    resource = {"Type": type_, "Properties": {**TAGGED, **properties}, **attributes}
    return template(Resources={"It": resource})


def stack(of: Template, **differences: Any) -> Stack:
    fields: dict[str, Any] = {
        "environment": "dev",
        "layer": of.layer,
        "name": "payments-dev-data",
        "account_id": "111111111111",
        "region": "us-east-1",
        "template": of,
        "parameters": {},
        "inputs": {},
        "tags": {},
        "protected": False,
    }
    return Stack(**{**fields, **differences})


# The rules about the platform are in test_platform_rules.py: they would object to these stubs.
RULES = tuple(rule for rule in TEMPLATE_RULES if rule.id <= "T017")


def found(of: Template, *stacks: Stack) -> list[Finding]:
    placed = {"dev": stacks} if stacks else {}
    return list(check(Rendered(PLATFORM, {of.layer: of}, placed, Code(())), "out", RULES))


def told(of: Template, *stacks: Stack) -> list[tuple[str, str]]:
    return [(one.name, one.message) for one in found(of, *stacks)]


def names(of: Template, *stacks: Stack) -> list[str]:
    return [one.name for one in found(of, *stacks)]


def test_ids_and_names_are_unique_and_every_rule_says_what_it_asks_for() -> None:
    rules: list[Rule[Any]] = [*TEMPLATE_RULES, *STACK_RULES]
    assert len({rule.id for rule in rules}) == len(rules) == len({rule.name for rule in rules})
    assert [rule.id for rule in rules] == sorted(rule.id for rule in rules)
    assert all(rule.summary.endswith(".") for rule in rules)


def test_nothing_is_found_in_a_template_that_follows_the_rules() -> None:
    of = template()
    assert names(of, stack(of)) == []


def test_a_finding_tells_place_layer_and_resource() -> None:
    of = with_resource("AWS::SQS::Queue", {}, UpdateReplacePolicy="Retain", DeletionPolicy="Retain")
    (one,) = found(of)
    lines = of.text.split("\n")
    assert lines[one.line - 1][one.column - 1 :].startswith('"DeletionPolicy"')
    assert one == Finding(
        "out/data.json",
        one.line,
        one.column,
        "T008",
        "retained-data",
        "error",
        "AWS::SQS::Queue holds data but DeletionPolicy is not RetainExceptOnCreate",
        layer="data",
        logical_id="It",
    )


@pytest.mark.parametrize(
    ("type_", "properties", "replaced", "expected"),
    [
        (SECRET, {"GenerateSecretString": {}}, "Delete", []),
        (
            SECRET,
            {"GenerateSecretString": {}},
            "Retain",
            [f"{SECRET} may be made anew but UpdateReplacePolicy is not Delete"],
        ),
        (
            SECRET,
            {"SecretString": "given"},
            "Retain",
            [f"{SECRET} is marked as regenerable, which only a generated secret is"],
        ),
        (
            "AWS::SQS::Queue",
            {},
            "Delete",
            [
                "AWS::SQS::Queue is marked as regenerable, which only a generated secret is",
                "AWS::SQS::Queue holds data but UpdateReplacePolicy is not Retain",
            ],
        ),
    ],
)
def test_only_a_generated_secret_is_regenerable_and_goes_when_it_is_replaced(
    type_: str, properties: dict[str, Any], replaced: str, expected: list[str]
) -> None:
    of = with_resource(
        type_,
        properties,
        Metadata={"tapgen": {"Regenerable": "because"}},
        DeletionPolicy="RetainExceptOnCreate",
        UpdateReplacePolicy=replaced,
    )
    assert [message for name, message in told(of) if name == "retained-data"] == expected


def test_what_is_accepted_on_the_resource_is_not_told() -> None:
    accepted = {"tapgen": {"Accepted": {"retained-data": "it is a cache"}}}
    assert names(with_resource("AWS::SQS::Queue", {}, Metadata=accepted)) == []


@pytest.mark.parametrize(
    ("rule", "reason", "expected"),
    [
        ("retained-data", "it is a cache", []),
        ("CKV_AWS_18", "it is a cache", []),
        ("CKV2_AWS_18", "it is a cache", []),
        ("DYNAMODB_PITR_ENABLED", "it is a cache", []),
        ("W3037", "it is a cache", []),
        ("retained-data", "", ["accepts retained-data without a reason: say why it is right here"]),
        (
            "CKV_AWS_18",
            "a cache",
            ["accepts CKV_AWS_18 without a reason: say why it is right here"],
        ),
        ("PITR", "it is a cache", ["accepts PITR, which is no rule's name or id"]),
        ("CKV_18", "it is a cache", ["accepts CKV_18, which is no rule's name or id"]),
    ],
)
def test_what_is_accepted_is_a_rule_with_a_reason(
    rule: str, reason: str, expected: list[str]
) -> None:
    metadata = {"tapgen": {"Accepted": {"retained-data": "it is a cache", rule: reason}}}
    of = with_resource("AWS::SQS::Queue", {}, Metadata=metadata)
    assert [m for name, m in told(of) if name == "acceptance"] == expected


def test_an_acceptance_that_nothing_needs_is_stale() -> None:
    metadata = {"tapgen": {"Accepted": {"retained-data": "it is a cache", "tgas": "why not, then"}}}
    (one,) = found(with_resource("AWS::SQS::Queue", RETAINED, **RETAINED, Metadata=metadata))[1:]
    assert (one.rule, one.name, one.logical_id) == ("T040", "stale-acceptance", "It")
    assert one.message == "accepts tgas, which objects to nothing here: remove it"


def test_an_acceptance_of_a_rule_about_stacks_may_be_needed_by_another_environment() -> None:
    metadata = {"tapgen": {"Accepted": {"environment-literal": "it is the same everywhere"}}}
    assert names(with_resource("AWS::SQS::Queue", {}, **RETAINED, Metadata=metadata)) == []


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (48_800, []),
        (48_801, ["body-headroom"]),
        (51_200, ["body-headroom"]),
        (51_201, ["body-size"]),
    ],
)
def test_size_of_the_body(size: int, expected: list[str]) -> None:
    text = template(Description="é").text  # two bytes each: the quota counts bytes
    text = text.replace("{", "{" + " " * (size - len(text.encode())), 1)
    assert len(text.encode()) == size
    assert names(Template("data", text)) == expected


@pytest.mark.parametrize(
    ("declaration", "expected"),
    [
        ({"Type": "String", "AllowedPattern": "x"}, 0),
        ({"Type": "Number", "MinValue": 1, "MaxValue": 2}, 0),
        ({"Type": "String", "AllowedValues": ["a"]}, 0),
        ({"Type": "List<AWS::EC2::Subnet::Id>"}, 0),
        ({"Type": "String"}, 1),
        ({"Type": "Number", "MinValue": 1}, 1),
        ({"Type": "String", "AllowedPattern": "x", "Description": ""}, 1),
    ],
)
def test_parameters_are_described_and_bounded(declaration: dict[str, Any], expected: int) -> None:
    of = template(Parameters={"P": {"Description": "What it is.", **declaration}})
    assert names(of) == ["parameter-declaration"] * expected


@pytest.mark.parametrize(
    ("name", "extra", "expected"),
    [
        ("ApiToken", {"Default": "hunter2"}, 1),
        ("Anything", {"Default": "hunter2", "NoEcho": True}, 1),
        ("ApiToken", {"Default": ""}, 0),
        ("ApiToken", {}, 0),
        ("OriginSecretName", {"Default": "origin"}, 0),
        ("Mode", {"Default": "on"}, 0),
    ],
)
def test_no_secret_is_a_default(name: str, extra: dict[str, Any], expected: int) -> None:
    declaration = {"Type": "String", "Description": "d", "AllowedPattern": ".*", **extra}
    assert names(template(Parameters={name: declaration})) == ["secret-default"] * expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "AWS::StackName"}, ["stack-name"]),
        ({"Fn::Sub": "x-${AWS::StackName}"}, ["stack-name"]),
        ("AWS::StackName", []),
        ("arn:aws:sqs::123456789012:x", ["account-literal"]),
        ("arn:aws:lambda::017000801446:layer:x", []),
        ("1234567890123", []),
        ('{"maximum": 999999999999}', []),
        ('{"account": "999999999999"}', ["account-literal"]),
        ("eu-central-1", ["account-literal"]),
        ("logs.eu-central-1.amazonaws.com", ["account-literal"]),
        ("us-east-1", []),
        ("my-eu-central-1-thing", []),
    ],
)
def test_literals_that_tie_a_template_to_a_place(value: Any, expected: list[str]) -> None:
    assert names(with_resource("AWS::SQS::Queue", {"QueueName": value}, **RETAINED)) == expected


def test_what_is_for_people_may_name_anything() -> None:
    properties = {"Description": "since 123456789012 in eu-central-1"}
    assert names(with_resource("AWS::SQS::Queue", properties, **RETAINED)) == []


def test_conditions_do_not_ask_for_the_name_of_the_environment() -> None:
    declared = {"Type": "String", "Description": "d", "AllowedPattern": ".*"}
    of = template(
        {"Name": "name", "Nat": "network.nat"},
        Parameters={"Name": declared, "Nat": declared},
        Conditions={
            "Prod": {"Fn::Equals": [{"Ref": "Name"}, "prod"]},
            "Nat": {"Fn::Equals": [{"Ref": "Nat"}, "single"]},
        },
    )
    (one,) = found(of)
    assert one.name == "environment-condition"
    assert locate_line(of, one).strip().startswith('"Fn::Equals"')


def locate_line(of: Template, one: Finding) -> str:
    return of.text.split("\n")[one.line - 1]


def test_taggable_resources_carry_the_tags() -> None:
    bare = {"Type": "AWS::SNS::Topic"}
    (one,) = found(template(Resources={"Topic": bare}))
    assert one.message == (
        "AWS::SNS::Topic is not tagged with CostCenter, Environment, Layer, ManagedBy, Project"
    )
    assert names(template(Resources={"Alias": {"Type": "AWS::KMS::Alias"}})) == []
    assert names(template(Resources={"Own": {"Type": "Custom::Thing"}})) == []


def test_tags_are_where_the_type_has_them() -> None:
    zone = {"Type": "AWS::Route53::HostedZone", "Properties": {"HostedZoneTags": TAGGED["Tags"]}}
    assert names(template(Resources={"Zone": zone})) == []
    as_map = {"Type": "AWS::SSM::Parameter", "Properties": {"Tags": dict.fromkeys(WANTED_TAGS)}}
    problems = list(TAGS.check(template(Resources={"P": as_map})))
    assert problems == []


def test_log_groups_have_a_retention_from_the_setting_and_a_key() -> None:
    declared = {"Type": "Number", "Description": "d", "AllowedValues": ["7"]}

    def group(**properties: Any) -> list[tuple[str, str]]:
        resource = {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {**TAGGED, **properties},
            **RETAINED,
        }
        of = template(
            {"Days": "retention.cloudwatch_days", "Other": "alarms.count"},
            Resources={"Group": resource},
            Parameters={"Days": declared, "Other": declared},
        )
        return told(of)

    assert group(RetentionInDays={"Ref": "Days"}, KmsKeyId="k") == []
    assert group() == [
        ("log-group", "log group without RetentionInDays keeps its events for ever"),
        ("log-group", "log group without KmsKeyId is not encrypted by a key"),
    ]
    elsewhere = [
        ("retention-setting", "RetentionInDays is not taken from a retention setting as it is")
    ]
    assert group(RetentionInDays=7, KmsKeyId="k") == elsewhere
    assert group(RetentionInDays={"Ref": "Other"}, KmsKeyId="k") == elsewhere


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({"Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}, []),
        ({"Action": ["sqs:SendMessage", "sqs:ReceiveMessage"]}, []),
        ({"Principal": "*", "Action": "sqs:SendMessage"}, ["any-principal"]),
        ({"Principal": {"AWS": ["a", "*"]}, "Action": "sqs:SendMessage"}, ["any-principal"]),
        ({"NotPrincipal": {"AWS": "a"}, "Action": "sqs:SendMessage"}, ["any-principal"]),
        ({"Action": "*"}, ["any-action"]),
        ({"Action": ["sqs:Get*", "sqs:SendMessage"]}, ["any-action"]),
        ({"NotAction": "sqs:SendMessage"}, ["any-action"]),
        ({"Effect": "Deny", "Principal": "*", "Action": "*"}, []),
    ],
)
def test_policies_name_whom_and_what_they_allow(
    statement: dict[str, Any], expected: list[str]
) -> None:
    policy = {"Statement": [{"Effect": "Allow", "Resource": "*", **statement}]}
    assert names(with_resource("AWS::SQS::QueuePolicy", {"PolicyDocument": policy})) == expected


def test_security_groups_name_protocols_and_egress() -> None:
    def group(**properties: Any) -> list[str]:
        return names(with_resource("AWS::EC2::SecurityGroup", properties))

    https = [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}]
    assert group(SecurityGroupEgress=https) == []
    assert group(SecurityGroupEgress=https, SecurityGroupIngress=[{"IpProtocol": -1}]) == [
        "any-protocol"
    ]
    assert group() == ["any-protocol"]
    assert names(with_resource("AWS::EC2::SecurityGroupEgress", {"IpProtocol": "-1"})) == [
        "any-protocol"
    ]


def test_cfn_lint_is_not_configured_for_a_whole_template() -> None:
    metadata = {"tapgen": {"Settings": {}}, "cfn-lint": {"config": {"ignore_checks": ["W"]}}}
    assert names(template(Metadata=metadata)) == ["blanket-suppression"]


def test_nothing_is_null() -> None:
    of = with_resource("AWS::SQS::Queue", {"QueueName": None}, **RETAINED)
    assert told(of) == [("null-value", "is null, which CloudFormation refuses: use AWS::NoValue")]


@pytest.mark.parametrize(
    ("declaration", "value", "fault"),
    [
        ({"Type": "String", "AllowedPattern": "^a+$"}, "aaa", ""),
        ({"Type": "String", "AllowedPattern": "^a+$"}, "aab", "does not match ^a+$"),
        ({"Type": "String", "AllowedPattern": "a"}, "aa", "does not match a"),
        ({"Type": "Number", "MinValue": 1, "MaxValue": 9}, "9", ""),
        ({"Type": "Number", "MinValue": 1, "MaxValue": 9}, "0", "is less than 1"),
        ({"Type": "Number", "MinValue": 1, "MaxValue": 9}, "10", "is more than 9"),
        ({"Type": "Number", "MinValue": 1, "MaxValue": 9}, "ten", "is not a number"),
        ({"Type": "Number", "AllowedValues": [7, 14]}, "14", ""),
        ({"Type": "Number", "AllowedValues": [7, 14]}, "8", "is not one of 7, 14"),
        ({"Type": "CommaDelimitedList", "AllowedValues": ["a", "b"]}, "a,b", ""),
        ({"Type": "CommaDelimitedList", "AllowedValues": ["a", "b"]}, "a,c", "is not one of a, b"),
        ({"Type": "String", "AllowedPattern": ".*", "MinLength": 2}, "x", "is shorter than 2 char"),
        ({"Type": "String", "AllowedPattern": ".*", "MaxLength": 2}, "xyz", "is longer than 2 ch"),
        ({"Type": "String", "AllowedPattern": ".*"}, "é" * 2048, ""),
        ({"Type": "String", "AllowedPattern": ".*"}, "é" * 2049, "is longer than 4096 bytes"),
    ],
)
def test_values_satisfy_their_declaration(
    declaration: dict[str, Any], value: str, fault: str
) -> None:
    of = template({"P": "some.setting"}, Parameters={"P": {"Description": "d", **declaration}})
    messages = [one.message for one in found(of, stack(of, parameters={"P": value}))]
    assert len(messages) == bool(fault)
    assert all(f"P = {value[:60]!r} (some.setting) {fault}" in message for message in messages)


def test_a_parameter_without_a_value_is_told_for_its_environment() -> None:
    declared = {"Type": "String", "Description": "d", "AllowedPattern": "x+"}
    of = template(Parameters={"P": declared})
    (one,) = found(of, stack(of))
    assert one.message == "P gets no value from a setting, an input or a default"
    assert one.environments == ("dev",)
    default = template(Parameters={"P": {**declared, "Default": "y"}})
    assert told(default, stack(default)) == [
        ("parameter-value", "P = 'y' (default) does not match x+")
    ]


@pytest.mark.parametrize(
    ("differences", "expected"),
    [
        ({"name": "a" * 128}, ""),
        ({"name": "a" * 129}, "as the name of a stack"),
        ({"name": "1-data"}, "as the name of a stack"),
        ({"tags": {str(n): "v" for n in range(50)}}, ""),
        ({"tags": {str(n): "v" for n in range(51)}}, "51 tags; a stack takes 50"),
        ({"tags": {"Project": "p" * 257}}, "the tag Project is longer than 256 characters"),
    ],
)
def test_quotas_of_a_stack(differences: dict[str, Any], expected: str) -> None:
    of = template()
    messages = [one.message for one in found(of, stack(of, **differences))]
    assert len(messages) == bool(expected)
    assert all(expected in message for message in messages)


def test_quota_of_the_stack_policy() -> None:
    queues = {f"Queue{'x' * 240}{n}": QUEUE for n in range(70)}
    of = template(Resources=queues)
    assert "stack-quota" in names(of, stack(of, protected=True))
    assert "stack-quota" not in names(of, stack(of, protected=False))


def test_every_input_is_given_by_another_layer() -> None:
    declared = {"Type": "String", "Description": "d", "AllowedPattern": ".*"}
    of = template(Parameters={"KeyArn": declared})
    giver = replace(
        template(
            {"Flag": "some.flag"},
            Parameters={"Flag": declared},
            Conditions={"On": {"Fn::Equals": [{"Ref": "Flag"}, "true"]}},
            Outputs={"Always": {"Value": "x"}, "Sometimes": {"Value": "x", "Condition": "On"}},
        ),
        layer="giver",
    )

    def taking(
        output: str, layer: str = "giver", flag: str = "true", environment: str = ""
    ) -> list[tuple[str, str]]:
        taker = stack(of, inputs={"KeyArn": OutputRef(layer, output, environment=environment)})
        return told(of, taker, stack(giver, parameters={"Flag": flag}))

    assert taking("Always") == []
    assert taking("Sometimes") == []
    lost = "KeyArn has no source: "
    assert taking("Sometimes", flag="false") == [
        ("input-source", f"{lost}giver.Sometimes, but the output's condition does not hold")
    ]
    assert taking("Never") == [
        ("input-source", f"{lost}giver.Never, but the layer has no such output")
    ]
    assert taking("X", layer="zone") == [
        ("input-source", f"{lost}zone.X, but the layer is left out")
    ]
    assert taking("Never", environment="prod") == []  # the reader of the setting looks there


def test_what_belongs_to_one_environment_is_not_baked_in() -> None:
    declared = {"Type": "String", "Description": "d", "AllowedPattern": ".*"}
    of = template(
        {"Prefix": "prefix", "Domain": "domain", "Project": "project"},
        Parameters=dict.fromkeys(("Prefix", "Domain", "Project"), declared),
        Resources={
            "Queue": {**QUEUE, "Properties": {**TAGGED, "QueueName": "payments-dev-letters"}},
        },
    )
    values = {"Prefix": "payments-dev", "Domain": "", "Project": "payments"}
    assert told(of, stack(of, parameters=values)) == [
        ("environment-literal", "has payments-dev baked in: use the parameter Prefix")
    ]
    assert told(of, stack(of, parameters={**values, "Prefix": "payments-prod"})) == []
