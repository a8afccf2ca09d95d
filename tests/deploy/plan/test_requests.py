"""Requests for change sets: what is asked for, under which name, and where a template is put."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tapgen.aws.cloudformation.change_sets import CREATE, IMPORT, UPDATE
from tapgen.deploy.adopt.adoption import SHELL, Deployed, shell_template
from tapgen.deploy.plan.requests import RUN_NAME, change_set_request
from tapgen.errors import TapgenError
from tapgen.model.deployed.events import Created, Failed, Unchanged
from tapgen.model.plan import Adoption
from tapgen.model.templates.template import dense

if TYPE_CHECKING:
    from tapgen.deploy.target.target import Target
    from tapgen.model.stack import Stack
    from tests.lab import Lab


def test_a_name_says_what_is_asked_for(lab: Lab) -> None:
    stack = lab.stack("data", {"Note": lab.note()}, parameters={"Size": "1"})
    plain = lab.target(stack)
    told = lab.target(stack, notification_arns=("arn:aws:sns:us-east-1:1:events",))

    def name(target: Target = plain, size: str = "1", kind: str = UPDATE, mark: str = "") -> str:
        return change_set_request(target, stack, kind, {"Size": size}, (), mark).name

    assert name() == name()
    assert len({name(), name(told), name(size="2"), name(kind="CREATE")}) == 4
    assert RUN_NAME.fullmatch(name())
    assert name(mark="-kept") == f"{name()}-kept"
    assert not RUN_NAME.fullmatch(name(mark="-kept"))


def test_an_import_asks_for_what_the_adoption_names_and_sets_no_tags(lab: Lab) -> None:
    stack = lab.stack("data", {"Note": lab.note(), "Table": lab.table("lab-table")})
    target = lab.target(stack, role_arn="arn:aws:iam::123456789012:role/deployer")
    adoption = Adoption("Table", "AWS::DynamoDB::Table", "TableName", "lab-table")
    deployed = Deployed(shell_template())
    request = change_set_request(target, stack, IMPORT, {"Size": "1"}, (adoption,), "", deployed)
    assert request.options == {}
    assert request.imports == [
        {
            "ResourceType": "AWS::DynamoDB::Table",
            "LogicalResourceId": "Table",
            "ResourceIdentifier": {"TableName": "lab-table"},
        }
    ]
    assert request.tags == {}
    assert "Note" not in request.template["TemplateBody"]
    update = change_set_request(target, stack, UPDATE, {})
    assert update.imports == []
    assert update.tags == stack.tags
    assert update.template == {"TemplateBody": stack.template.text}


def test_an_import_names_each_property_that_identifies_a_resource(lab: Lab) -> None:
    stack = lab.stack("data", {"Stage": {"Type": "AWS::ApiGateway::Stage"}})
    adoption = Adoption("Stage", "AWS::ApiGateway::Stage", "RestApiId|StageName", "api|v1")
    deployed = Deployed(shell_template())
    request = change_set_request(lab.target(stack), stack, IMPORT, {}, (adoption,), "", deployed)
    (entry,) = request.imports
    assert entry["ResourceIdentifier"] == {"RestApiId": "api", "StageName": "v1"}


def test_an_import_into_a_stack_leaves_it_as_it_is(lab: Lab) -> None:
    before = lab.stack("data", {"Role": {"Type": "AWS::IAM::Role"}}, parameters={"Size": "1"})
    more = {"More": "2", "Size": "3"}
    after = lab.stack("data", {"Table": lab.table("lab-table")}, parameters=more)
    adoption = Adoption("Table", "AWS::DynamoDB::Table", "TableName", "lab-table", {"A": 1})
    deployed = Deployed(before.template.text, before.parameters)
    arguments = lab.target(after), after, IMPORT, more, (adoption,), ""
    request = change_set_request(*arguments, deployed)
    text = json.loads(request.template["TemplateBody"])
    was = json.loads(before.template.text)
    table = text["Resources"].pop("Table")
    assert set(text.pop("Parameters")) == {"More", "Size"}
    assert was.pop("Parameters").keys() == {"Size"}
    assert (text, table["Properties"]) == (was, {"A": 1})
    assert request.options["Parameters"] == [
        {"ParameterKey": "More", "ParameterValue": "2"},
        {"ParameterKey": "Size", "UsePreviousValue": True},
    ]
    assert request.capabilities == ["CAPABILITY_IAM"]


def test_the_stack_that_is_to_adopt_is_made_with_a_resource_that_is_none(
    lab: Lab,
) -> None:
    stack = lab.stack("data", {"Table": lab.table("lab-table")})
    target = lab.target(stack, role_arn="arn:aws:iam::123456789012:role/deployer")
    adoption = Adoption("Table", "AWS::DynamoDB::Table", "TableName", "lab-table")
    request = change_set_request(target, stack, CREATE, {"Size": "1"}, (adoption,))
    assert json.loads(request.template["TemplateBody"])["Resources"] == SHELL
    assert (request.tags, request.imports) == (stack.tags, [])
    assert request.options["RoleARN"] == target.options.role_arn
    assert request.parameters == {}


def large(lab: Lab) -> Stack:
    text = "x" * 3000
    stack = lab.stack("api", {f"Note{i}": lab.note(f"{i}{text}") for i in range(18)})
    assert len(dense(stack.template.text)) > 51_200
    return stack


def test_what_fits_without_white_space_needs_no_bucket(lab: Lab) -> None:
    stack = lab.stack("api", {"Note": lab.note()})
    wide = replace(stack.template, text=stack.template.text.replace("{", "{" + " " * 60_000, 1))
    stack = replace(stack, template=wide)
    request = change_set_request(lab.target(stack), stack, CREATE, stack.parameters)
    assert request.template == {"TemplateBody": dense(wide.text)}
    assert json.loads(request.template["TemplateBody"]) == json.loads(wide.text)
    assert isinstance(lab.deploy(stack).outcomes["api"], Created)
    assert isinstance(lab.deploy(stack).outcomes["api"], Unchanged)


def test_large_templates_go_through_the_artifacts_bucket(lab: Lab) -> None:
    bucket = f"lab-artifacts-{lab.account}"
    big = large(lab)
    storage = lab.storage()
    ran = lab.deploy(storage, big)
    outcome = ran.outcomes["api"]
    assert isinstance(outcome, Failed)
    assert (
        "above 51200 it must be uploaded to the artifacts bucket, which does not exist yet"
        in outcome.reason
    )
    assert outcome.hint == (
        "Deploy the layer storage first, or make the template smaller. "
        "`tapgen deploy --env lab --local` continues from there."
    )

    assert isinstance(lab.deploy(storage, big).outcomes["api"], Created)
    listed = lab.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    assert [entry["Key"] for entry in listed] == [f"templates/{big.template.sha256}.json"]
    assert isinstance(lab.deploy(storage, big).outcomes["api"], Unchanged)


def test_a_platform_without_artifacts_has_small_templates_only(lab: Lab) -> None:
    target = lab.target(large(lab))
    target = replace(target, platform=replace(target.platform, artifacts=None))
    with pytest.raises(TapgenError, match="the template of api has 5") as told:
        change_set_request(target, target.stacks["api"], UPDATE, {})
    assert told.value.hint == (
        "Make the template smaller: the platform has no bucket for artifacts."
    )
