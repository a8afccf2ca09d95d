"""The fast parts of cfn-lint beside the plain ones: the same findings, in the same order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest
from cfnlint.context.context import Path
from cfnlint.decode.decode import decode_str
from cfnlint.runner import Runner, run_template_by_data

from tapgen.render.rendering import Rendered
from tapgen.review.lint.cfn_lint.fast import FastKeywords, FastPath, FastTemplate, fast
from tapgen.review.lint.cfn_lint.linter import _config
from tapgen.review.lint.cfn_lint.request import ParameterSet
from tapgen.review.lint.lint import _values

if TYPE_CHECKING:
    from cfnlint.rules import Rules

Found = list[tuple[str, int, int, str, list[Any]]]


@pytest.fixture(scope="module")
def plain() -> Rules:
    return Runner(_config([], [])).rules


@pytest.fixture(scope="module")
def faster() -> Rules:
    return fast(Runner(_config([], [])).rules)


def found(rules: Rules, text: str, *cases: ParameterSet, region: str = "us-east-1") -> Found:
    decoded, faults = decode_str(text)
    assert not faults
    return [
        (
            match.rule.id,
            match.linenumber,
            match.columnnumber,
            match.message,
            getattr(match, "path", []),
        )
        for match in run_template_by_data(decoded, _config([region], cases), rules)
    ]


def test_no_rule_is_lost(plain: Rules, faster: Rules) -> None:
    text = template({"Queue": {"Type": "AWS::SQS::Queue"}})
    for rules in (plain, faster):
        found(rules, text)
    assert list(faster) == list(plain)
    assert list(faster.used_rules) == list(plain.used_rules)
    replaced = {name for name, rule in faster.items() if "fast" in type(rule).__module__}
    assert replaced == {"E1001", "E1101"}
    for rule in (FastTemplate, FastKeywords):
        original = plain[rule.id]
        for told in ("shortdesc", "description", "severity", "source_url", "tags", "parent_rules"):
            assert getattr(rule(), told) == getattr(original, told)
    assert faster["E1101"].child_rules.keys() == plain["E1101"].child_rules.keys()


def template(
    resources: Mapping[str, Any], parameters: Mapping[str, Any] | None = None, **sections: Any
) -> str:
    document = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Parameters": {"Name": {"Type": "String"}, **(parameters or {})},
        "Resources": resources,
        **sections,
    }
    return json.dumps(document, indent=2)


def of(type_: str, properties: Any, **attributes: Any) -> dict[str, Any]:
    return {"It": {"Type": type_, "Properties": properties, **attributes}}


IF_WIDE = {"Conditions": {"Wide": {"Fn::Equals": [{"Ref": "Name"}, "wide"]}}}
STATEMENT = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
ROLE = {"Version": "2012-10-17", "Statement": [{**STATEMENT, "Principal": {"Service": "ec2"}}]}

# What is wrong -> the rules that say so, and the template. A rule or two of each family.
FAULTS: dict[str, tuple[set[str], str]] = {
    "unknown property": ({"E3002"}, template(of("AWS::SNS::Topic", {"TopicNam": "a"}))),
    "required property": ({"E3003"}, template(of("AWS::AppRunner::Service", {}))),
    "unknown type": ({"E3006"}, template(of("AWS::SNS::Topik", {}))),
    "type of a value": ({"E3012"}, template(of("AWS::SNS::Topic", {"FifoTopic": [1]}))),
    "one of": ({"E3030"}, template(of("AWS::DynamoDB::Table", {"BillingMode": "FREE"}))),
    "pattern": ({"E3031"}, template(of("AWS::Logs::LogGroup", {"LogGroupName": "a b"}))),
    "length of a list": (
        {"E3032"},
        template(of("AWS::Lambda::EventSourceMapping", {"FunctionName": "a", "Topics": []})),
    ),
    "range": ({"E3034"}, template(of("AWS::SQS::Queue", {"DelaySeconds": 901}))),
    "unique": (
        {"E3037"},
        template(of("AWS::ApiGateway::Authorizer", {"ProviderARNs": ["a", "a"]})),
    ),
    "a resource's attribute": (
        {"E3001"},
        template(of("AWS::SNS::Topic", {}, DeletePolicy="Retain")),
    ),
    "deletion policy": ({"E3035"}, template(of("AWS::SNS::Topic", {}, DeletionPolicy="Keep"))),
    "update policy": (
        {"E3016"},
        template(of("AWS::SNS::Topic", {}, UpdatePolicy={"AutoScalingRollingUpdate": {"X": 1}})),
    ),
    "depends on": ({"E3005"}, template(of("AWS::SNS::Topic", {}, DependsOn="Nothing"))),
    "circle": (
        {"E3004"},
        template(
            {
                "A": {"Type": "AWS::SNS::Topic", "DependsOn": "B"},
                "B": {"Type": "AWS::SNS::Topic", "DependsOn": "A"},
            }
        ),
    ),
    "ref": ({"E1020"}, template(of("AWS::SNS::Topic", {"TopicName": {"Ref": "Nothing"}}))),
    "attribute": (
        {"E1010"},
        template(of("AWS::SNS::Topic", {"TopicName": {"Fn::GetAtt": ["It", "Nothing"]}})),
    ),
    "sub": ({"E1019"}, template(of("AWS::SNS::Topic", {"TopicName": {"Fn::Sub": "${Nothing}"}}))),
    "join": ({"E1022"}, template(of("AWS::SNS::Topic", {"TopicName": {"Fn::Join": ["-"]}}))),
    "select": ({"E1017"}, template(of("AWS::SNS::Topic", {"TopicName": {"Fn::Select": [0]}}))),
    "map": (
        {"E1011"},
        template(of("AWS::SNS::Topic", {"TopicName": {"Fn::FindInMap": ["A", "b", "c"]}})),
    ),
    "condition": (
        {"E1028"},
        template(of("AWS::SNS::Topic", {"TopicName": {"Fn::If": ["Nothing", "a", "b"]}})),
    ),
    "condition of a resource": (
        {"E3015"},
        template(of("AWS::SNS::Topic", {}, Condition="Nothing")),
    ),
    "branch of a condition": (
        {"E3012"},
        template(of("AWS::SNS::Topic", {"FifoTopic": {"Fn::If": ["Wide", [1], True]}}), **IF_WIDE),
    ),
    "property left out in a branch": (
        {"E3003"},
        template(
            of(
                "AWS::EC2::SecurityGroup",
                {"GroupDescription": {"Fn::If": ["Wide", "d", {"Ref": "AWS::NoValue"}]}},
            ),
            **IF_WIDE,
        ),
    ),
    "condition that nothing takes": ({"W8001"}, template(of("AWS::SNS::Topic", {}), **IF_WIDE)),
    "conditions that exclude each other": (
        {"W1001"},
        template(
            {
                "Wide": {"Type": "AWS::SNS::Topic", "Condition": "Wide"},
                "Other": {
                    "Type": "AWS::SNS::Topic",
                    "Condition": "Narrow",
                    "Properties": {"TopicName": {"Fn::GetAtt": ["Wide", "TopicName"]}},
                },
            },
            Conditions={
                **IF_WIDE["Conditions"],
                "Narrow": {"Fn::Not": [{"Condition": "Wide"}]},
                "Either": {"Fn::Or": [{"Condition": "Wide"}, {"Condition": "Narrow"}]},
                "Both": {"Fn::And": [{"Condition": "Either"}, {"Condition": "Wide"}]},
            },
        ),
    ),
    "parameter that nothing takes": ({"W2001"}, template(of("AWS::SNS::Topic", {}))),
    "parameter": (
        {"E2002"},
        template(of("AWS::SNS::Topic", {}), {"Odd": {"Type": "Strin"}}),
    ),
    "default": (
        {"E2015"},
        template(
            of("AWS::SNS::Topic", {}),
            {"Odd": {"Type": "String", "Default": "c", "AllowedValues": ["a", "b"]}},
        ),
    ),
    "rule": (
        {"E1701"},
        template(of("AWS::SNS::Topic", {}), Rules={"Odd": {"Assertions": [{"Assert": "a"}]}}),
    ),
    "output": (
        {"E6101"},
        template(of("AWS::SNS::Topic", {}), Outputs={"Name": {"Value": ["a"]}}),
    ),
    "export": (
        {"E6001"},
        template(of("AWS::SNS::Topic", {}), Outputs={"Name": {"Value": "a", "Exprt": {}}}),
    ),
    "mapping": ({"E7001"}, template(of("AWS::SNS::Topic", {}), Mappings={"M": {"a": "b"}})),
    "metadata": (
        {"E4002"},
        template(of("AWS::SNS::Topic", {}), Metadata={"Odd": None}),
    ),
    "section": ({"E1001"}, template(of("AWS::SNS::Topic", {}), Resorces={})),
    "role": (
        {"E3530"},
        template(
            of("AWS::IAM::Role", {"AssumeRolePolicyDocument": {**ROLE, "Version": "2020-01-01"}})
        ),
    ),
    "policy": (
        {"E3510"},
        template(
            of(
                "AWS::IAM::ManagedPolicy",
                {"PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Maybe"}]}},
            )
        ),
    ),
    "action of a policy": (
        {"W3037"},
        template(
            of(
                "AWS::IAM::ManagedPolicy",
                {
                    "PolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [{**STATEMENT, "Action": "s3:GetNothing"}],
                    }
                },
            )
        ),
    ),
    "state machine": (
        {"E3601"},
        template(
            of(
                "AWS::StepFunctions::StateMachine",
                {"RoleArn": "arn:aws:iam::111111111111:role/a", "Definition": {"States": {}}},
            )
        ),
    ),
    "runtime": (
        {"E2533"},
        template(
            of(
                "AWS::Lambda::Function",
                {"Runtime": "python2.7", "Handler": "a.b", "Code": {"ZipFile": "a"}, "Role": "a"},
            )
        ),
    ),
    "snap start": (
        {"E2530"},
        template(
            of(
                "AWS::Lambda::Function",
                {
                    "Runtime": "python3.8",
                    "Handler": "a.b",
                    "Code": {"ZipFile": "a"},
                    "Role": "a",
                    "SnapStart": {"ApplyOn": "PublishedVersions"},
                },
            )
        ),
    ),
    "one network in another": (
        {"E3059"},
        template(
            {
                "Net": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
                "It": {
                    "Type": "AWS::EC2::Subnet",
                    "Properties": {"VpcId": {"Ref": "Net"}, "CidrBlock": "10.9.0.0/24"},
                },
            }
        ),
    ),
    "tags": (
        {"E3024"},
        template(of("AWS::SNS::Topic", {"Tags": [{"Key": "a", "Value": "b"}] * 2})),
    ),
    "dynamic reference": (
        {"E1050"},
        template(of("AWS::SNS::Topic", {"TopicName": "{{resolve:ssm:}}"})),
    ),
    "snapshot": (
        {"I3011"},
        template(of("AWS::SQS::Queue", {})),
    ),
    "availability zone": (
        {"W3010"},
        template(of("AWS::EC2::Volume", {"Size": 1, "AvailabilityZone": "us-east-1a"})),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_as_by_plain_cfn_lint(plain: Rules, faster: Rules, fault: str) -> None:
    rules, text = FAULTS[fault]
    expected = found(plain, text)
    assert {one[0] for one in expected} >= rules
    assert found(faster, text) == expected


def test_rules_of_parameters_are_decided_alike(plain: Rules, faster: Rules) -> None:
    text = template(
        of(
            "AWS::SQS::Queue",
            {
                "DelaySeconds": {"Ref": "Delay"},
                "QueueName": {"Fn::Sub": "${Name}-${Delay}"},
                "KmsMasterKeyId": {"Fn::If": ["Wide", {"Ref": "Name"}, {"Ref": "AWS::NoValue"}]},
                "Tags": [{"Key": "a", "Value": {"Fn::Join": ["", [{"Ref": "Name"}, "b"]]}}],
            },
        ),
        {"Delay": {"Type": "String", "Default": "1"}},
        **IF_WIDE,
    )
    cases = [
        ParameterSet(n, {"Name": n, "Delay": d}) for n, d in {"a b": "1", "wide": "901"}.items()
    ]
    expected = found(plain, text, *cases)
    assert any("'901'" in message for *_, message, _ in expected)
    assert found(faster, text, *cases) == expected
    for case in cases:
        assert found(faster, text, case) == found(plain, text, case)


@pytest.mark.parametrize("region", ["us-east-1", "mx-central-1", "cn-north-1"])
def test_each_region_is_seen_alike(plain: Rules, faster: Rules, region: str) -> None:
    text = template(of("AWS::AppRunner::Service", {"ServiceName": {"Fn::Sub": "${AWS::Region}!"}}))
    expected = found(plain, text, region=region)
    assert ("E3006" in {rule for rule, *_ in expected}) == (region != "us-east-1")
    assert found(faster, text, region=region) == expected


def leaves(value: Any, *path: str | int) -> Iterator[tuple[str | int, ...]]:
    """The paths of all values that are neither objects nor lists."""
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from leaves(value[key], *path, key)
    else:
        yield path


def damaged(text: str) -> str:
    """The template with every ninth value replaced, each time by another thing that is wrong."""
    document = json.loads(text)
    wrong: list[Any] = ["", -1, ["a"], {"Ref": "Nothing"}, {"Odd": "a"}, None, "!", "x" * 5000]
    for number, path in enumerate(list(leaves(document["Resources"], "Resources"))[::9]):
        *above, last = path
        place = document
        for key in above:
            place = place[key]
        place[last] = wrong[number % len(wrong)]
    return json.dumps(document, indent=2)


@pytest.mark.slow
@pytest.mark.parametrize("layer", ["api", "cdn", "data", "observability"])
def test_damaged_templates_have_the_findings_of_plain_cfn_lint(
    plain: Rules, faster: Rules, rendered: Rendered, layer: str
) -> None:
    stacks = [one for placed in rendered.stacks.values() for one in placed if one.layer == layer]
    cases = [ParameterSet(stack.environment, _values(stack)) for stack in stacks]
    text = damaged(rendered.templates[layer].text)
    expected = found(plain, text, *cases)
    assert len({rule for rule, *_ in expected}) > 9
    assert found(faster, text, *cases) == expected


@pytest.mark.parametrize("step", ["Fn::Sub", 1])
def test_a_path_refuses_what_the_plain_one_does(step: str | int) -> None:
    for path in (Path(), FastPath()):
        with pytest.raises(ValueError, match="cannot be"):
            path.descend(path="a", cfn_path=step)


def test_a_path_descends_as_the_plain_one_does() -> None:
    for path in (Path(), FastPath()):
        below = path.descend(path="Resources", cfn_path="Resources").descend(path="It")
        assert (below.path_string, below.cfn_path_string) == ("Resources/It", "Resources")
        assert (path.path_string, path.cfn_path_string) == ("", "")
