"""What a builder declares is what ends up in the template."""

from __future__ import annotations

from typing import Any

import pytest
from troposphere import GetAtt, If, Parameter, Ref, Tags
from troposphere.cognito import UserPool
from troposphere.guardduty import Detector, TagItem
from troposphere.iam import Role
from troposphere.sns import Topic
from troposphere.sqs import Queue, QueuePolicy
from troposphere.ssm import Parameter as SsmParameter

from tapgen.errors import TapgenError
from tapgen.model.limits import SECRET_LOCATOR, Range
from tapgen.render.blueprint import Blueprint


@pytest.fixture
def blueprint() -> Blueprint:
    return Blueprint("sample", "A sample.")


def written(blueprint: Blueprint) -> dict[str, Any]:
    return blueprint.finish().document()


@pytest.mark.parametrize(
    ("method", "arguments", "keywords", "declared"),
    [
        ("text", (), {"pattern": "^a$"}, {"Type": "String", "AllowedPattern": "^a$"}),
        ("number", (Range(1, 9),), {}, {"Type": "Number", "MinValue": 1, "MaxValue": 9}),
        ("choice", (["a", "b"],), {}, {"Type": "String", "AllowedValues": ["a", "b"]}),
        ("choice", ([1, 7],), {}, {"Type": "Number", "AllowedValues": ["1", "7"]}),
        ("choice", ([1, "all"],), {}, {"Type": "String", "AllowedValues": ["1", "all"]}),
        ("flag", (), {}, {"Type": "String", "AllowedValues": ["false", "true"]}),
    ],
)
def test_a_parameter_and_the_setting_that_fills_it(
    blueprint: Blueprint,
    method: str,
    arguments: tuple[Any, ...],
    keywords: dict[str, str],
    declared: dict[str, Any],
) -> None:
    ref = getattr(blueprint, method)("Size", "data.size", "How big.", *arguments, **keywords)
    document = written(blueprint)
    description = "How big. Setting: data.size."
    assert ref.to_dict() == {"Ref": "Size"}
    assert document["Parameters"] == {"Size": {"Description": description, **declared}}
    assert document["Metadata"] == {
        "tapgen": {"Layer": "sample", "Settings": {"Size": "data.size"}}
    }


def test_a_flag_comes_with_its_condition(blueprint: Blueprint) -> None:
    blueprint.flag("Backups", "data.backups", "Backups?")
    assert written(blueprint)["Conditions"] == {
        "IsBackups": {"Fn::Equals": [{"Ref": "Backups"}, "true"]}
    }
    assert blueprint.when("Backups").to_dict() == {"Fn::If": ["IsBackups", True, False]}


def test_protection_is_declared_once(blueprint: Blueprint) -> None:
    first, second = blueprint.protected(), blueprint.protected()
    assert first.to_dict() == second.to_dict() == {"Fn::If": ["IsProtected", True, False]}
    assert blueprint.protection() == "IsProtected"
    document = written(blueprint)
    assert list(document["Parameters"]) == ["Protection", "Settled"]
    assert blueprint.settings == {"Protection": "protection", "Settled": "stack.settled"}
    assert document["Conditions"]["IsProtected"] == {
        "Fn::And": [{"Condition": "IsProtection"}, {"Fn::Equals": [{"Ref": "Settled"}, "true"]}]
    }


def test_an_optional_text_may_be_empty_and_has_a_condition(blueprint: Blueprint) -> None:
    blueprint.optional_text("Domain", "domain", "Domain.", pattern="^a$")
    document = written(blueprint)
    assert document["Parameters"]["Domain"]["AllowedPattern"] == "^$|^a$"
    assert document["Conditions"]["HasDomain"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "Domain"}, ""]}]
    }


def test_inputs_are_not_filled_by_settings(blueprint: Blueprint) -> None:
    blueprint.input("KeyArn", "Key.", pattern="^arn$")
    blueprint.input("CertificateArn", "Certificate.", pattern="^arn$", optional=True)
    blueprint.input_list("SubnetIds", "Subnets.", type_="List<AWS::EC2::Subnet::Id>")
    document = written(blueprint)
    assert blueprint.inputs == {"KeyArn", "CertificateArn", "SubnetIds"}
    assert document["Metadata"]["tapgen"]["Settings"] == {}
    assert document["Parameters"]["KeyArn"] == {
        "Type": "String",
        "Description": "Key.",
        "AllowedPattern": "^arn$",
    }
    assert document["Parameters"]["CertificateArn"]["Default"] == ""
    assert document["Parameters"]["SubnetIds"]["Type"] == "List<AWS::EC2::Subnet::Id>"
    assert list(document["Conditions"]) == ["HasCertificateArn"]


def test_every_taggable_resource_is_tagged_and_keeps_its_own_tags(blueprint: Blueprint) -> None:
    queue = blueprint.add(Queue("Queue", Tags=Tags(Name="mine")))
    blueprint.add(Topic("Topic"))
    blueprint.add(QueuePolicy("Policy", Queues=[Ref(queue)], PolicyDocument={}))
    resources = written(blueprint)["Resources"]
    tags = {tag["Key"]: tag["Value"] for tag in resources["Topic"]["Properties"]["Tags"]}
    assert tags == {
        "Environment": {"Ref": "EnvironmentName"},
        "Layer": "sample",
        "ManagedBy": "tapgen",
        "Project": {"Ref": "Project"},
    }
    own = {tag["Key"]: tag["Value"] for tag in resources["Queue"]["Properties"]["Tags"]}
    assert own == {**tags, "Name": "mine"}
    assert "Tags" not in resources["Policy"]["Properties"]


def test_a_user_pool_keeps_its_own_tags(blueprint: Blueprint) -> None:
    blueprint.add(UserPool("Pool", UserPoolTags={"Name": "mine"}))
    blueprint.add(UserPool("Other"))
    resources = written(blueprint)["Resources"]
    tags = resources["Other"]["Properties"]["UserPoolTags"]
    assert tags["Layer"] == "sample"
    assert resources["Pool"]["Properties"]["UserPoolTags"] == {**tags, "Name": "mine"}


@pytest.mark.parametrize("own", [{}, {"Name": "mine"}])
def test_a_type_whose_tags_are_a_mapping_is_tagged_as_well(
    blueprint: Blueprint, own: dict[str, str]
) -> None:
    blueprint.add(SsmParameter("Note", Type="String", Value="x", **({"Tags": own} if own else {})))
    tags = written(blueprint)["Resources"]["Note"]["Properties"]["Tags"]
    assert tags == {
        "Environment": {"Ref": "EnvironmentName"},
        "Layer": "sample",
        "ManagedBy": "tapgen",
        "Project": {"Ref": "Project"},
        **own,
    }


@pytest.mark.parametrize("own", [[], [TagItem(Key="Name", Value="mine")]])
def test_so_is_one_whose_tags_are_a_class_of_its_own(
    blueprint: Blueprint, own: list[TagItem]
) -> None:
    blueprint.add(Detector("Detector", Enable=True, **({"Tags": own} if own else {})))
    tags = written(blueprint)["Resources"]["Detector"]["Properties"]["Tags"]
    names = ["Environment", "Layer", "ManagedBy", "Project", *(["Name"] if own else [])]
    assert [tag["Key"] for tag in tags] == names
    assert tags[1] == {"Key": "Layer", "Value": "sample"}


def test_a_tag_that_is_put_on_by_itself_is_refused_in_every_form(blueprint: Blueprint) -> None:
    blueprint.add(SsmParameter("Note", Type="String", Value="x", Tags={"Layer": "mine"}))
    with pytest.raises(TapgenError, match="Note sets the tag Layer"):
        blueprint.finish()


def test_resources_may_share_their_own_tags(blueprint: Blueprint) -> None:
    shared = Tags(Name="ours")
    blueprint.add(Queue("First", Tags=shared))
    blueprint.add(Queue("Second", Tags=shared))
    for resource in written(blueprint)["Resources"].values():
        keys = [tag["Key"] for tag in resource["Properties"]["Tags"]]
        assert sorted(keys) == sorted([*blueprint.tags(), "Name"])


def test_a_tag_may_depend_on_a_condition(blueprint: Blueprint) -> None:
    name = If("IsOn", {"Key": "Name", "Value": "mine"}, Ref("AWS::NoValue"))
    blueprint.add(Queue("Queue", Tags=Tags(name)))
    tags = written(blueprint)["Resources"]["Queue"]["Properties"]["Tags"]
    assert tags[-1] == name.to_dict()


def test_other_metadata_of_the_template_stays(blueprint: Blueprint) -> None:
    blueprint.template.set_metadata({"Owner": "payments"})
    assert written(blueprint)["Metadata"] == {
        "Owner": "payments",
        "tapgen": {"Layer": "sample", "Settings": {}},
    }


@pytest.mark.parametrize(
    ("declare", "fault"),
    [
        (lambda b: b.text("Size", "a", "", pattern=""), "the parameter Size is declared twice"),
        (lambda b: b.input("Size", "", pattern=""), "the parameter Size is declared twice"),
        (lambda b: b.condition("IsOn", {}), "the condition IsOn is declared twice"),
        (lambda b: b.flag("On", "on", ""), "the condition IsOn is declared twice"),
        (lambda b: b.optional_text("Some", "a", "", pattern=""), "the condition HasSome is dec"),
        (lambda b: b.output("Arn", "a", ""), "the output Arn is declared twice"),
        (lambda b: b.add(Topic("Queue")), "the resource Queue is declared twice"),
    ],
)
def test_a_name_stands_for_one_thing(blueprint: Blueprint, declare: Any, fault: str) -> None:
    blueprint.number("Size", "data.size", "", Range(1, 9))
    blueprint.condition("IsOn", {"Fn::Equals": ["a", "a"]})
    blueprint.condition("HasSome", {"Fn::Equals": ["a", "a"]})
    blueprint.output("Arn", "arn", "")
    blueprint.add(Queue("Queue"))
    with pytest.raises(TapgenError, match=f"layer sample: {fault}") as caught:
        declare(blueprint)
    assert caught.value.hint == "Rename one of them in sample.py, the layer's builder."


@pytest.mark.parametrize(
    ("name", "setting", "ask"),
    [
        ("Prefix", "prefix", Blueprint.prefix),
        ("EnvironmentName", "name", Blueprint.environment),
        ("Project", "project", Blueprint.tags),
        ("Protection", "protection", Blueprint.protected),
        ("Settled", "stack.settled", Blueprint.protected),
        ("Boundary", "deployment.permission_boundary", Blueprint._boundary),
    ],
)
@pytest.mark.parametrize("filled", ["by another setting", "by an output", "by nothing"])
def test_what_layers_share_is_filled_the_same_in_all(
    blueprint: Blueprint, name: str, setting: str, ask: Any, filled: str
) -> None:
    if filled == "by another setting":
        blueprint.text(name, "data.other", "Mine.", pattern="^a$")
    elif filled == "by an output":
        blueprint.input(name, "Mine.", pattern="^a$")
    else:
        blueprint.template.add_parameter(Parameter(name, Type="String"))
    with pytest.raises(TapgenError) as caught:
        ask(blueprint)
    assert (
        caught.value.message == f"layer sample: the parameter {name} is not filled from {setting}"
    )
    assert caught.value.hint == "Rename it in sample.py, the layer's builder."


@pytest.mark.parametrize(
    ("resource", "fault"),
    [
        (
            Queue("It", Tags=Tags(Layer="a", Name="b", Project="c")),
            "It sets the tag Layer, Project",
        ),
        (UserPool("It", UserPoolTags={"ManagedBy": "me"}), "It sets the tag ManagedBy"),
        (
            Role(
                "It", AssumeRolePolicyDocument={}, PermissionsBoundary="arn:aws:iam::aws:policy/a"
            ),
            "It has a PermissionsBoundary",
        ),
    ],
)
def test_what_every_resource_gets_none_sets(
    blueprint: Blueprint, resource: Any, fault: str
) -> None:
    blueprint.add(resource)
    with pytest.raises(TapgenError) as caught:
        blueprint.finish()
    assert caught.value.message == f"layer sample: {fault}"
    assert caught.value.hint.startswith("Remove it")
    assert caught.value.hint.endswith(" in sample.py, the layer's builder.")


def test_tapgens_metadata_is_tapgens(blueprint: Blueprint) -> None:
    blueprint.template.set_metadata({"tapgen": {"Layer": "another"}})
    with pytest.raises(TapgenError, match="layer sample: the template has Metadata called tapgen"):
        blueprint.finish()


def test_every_role_is_bounded_where_a_boundary_is_set(blueprint: Blueprint) -> None:
    for title in ("First", "Second"):
        blueprint.add(Role(title, AssumeRolePolicyDocument={}))
    template = written(blueprint)
    bounds = [one["Properties"]["PermissionsBoundary"] for one in template["Resources"].values()]
    arn = "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/${Boundary}"
    bounded = {"Fn::If": ["HasBoundary", {"Fn::Sub": arn}, {"Ref": "AWS::NoValue"}]}
    assert bounds == [bounded, bounded]
    setting = template["Metadata"]["tapgen"]["Settings"]["Boundary"]
    assert setting == "deployment.permission_boundary"


def test_outputs(blueprint: Blueprint) -> None:
    blueprint.condition("IsOn", {"Fn::Equals": ["a", "a"]})
    queue = blueprint.add(Queue("Queue"))
    blueprint.output("Arn", GetAtt(queue, "Arn"), "Its ARN.")
    blueprint.output("Name", blueprint.prefix(), "Its name.", condition="IsOn")
    outputs = written(blueprint)["Outputs"]
    assert outputs["Arn"] == {"Description": "Its ARN.", "Value": {"Fn::GetAtt": ["Queue", "Arn"]}}
    assert outputs["Name"]["Condition"] == "IsOn"
    assert blueprint.outputs == ("Arn", "Name")


def test_a_secret_is_a_dynamic_reference_and_never_a_value() -> None:
    blueprint = Blueprint("a", "A layer.")
    wanted = blueprint.secret("DbPassword", "db.password", "Of the database.")
    maybe = blueprint.secret("Token", "token", "Of the partner.", optional=True)
    document = blueprint.document()
    parameter = document["Parameters"]["DbPassword"]
    assert (parameter["Type"], parameter["AllowedPattern"]) == ("String", SECRET_LOCATOR)
    assert "NoEcho" not in parameter
    assert wanted.to_dict() == {"Fn::Sub": "{{resolve:secretsmanager:${DbPassword}}}"}
    assert maybe.to_dict() == {"Fn::Sub": "{{resolve:secretsmanager:${Token}}}"}
    assert list(document["Conditions"]) == ["HasToken"]
    assert blueprint.settings == {"DbPassword": "db.password", "Token": "token"}
