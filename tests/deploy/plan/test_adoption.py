"""Taking over what an earlier stack left: what can be adopted, looked up ahead of time or not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tapgen.deploy.plan.adoption import Lookups, adoptable, import_template
from tapgen.errors import TapgenError
from tapgen.model.layer import OutputRef
from tapgen.model.plan import Adoption
from tests.lab import Lab

if TYPE_CHECKING:
    import pytest


def test_only_what_is_declared_and_there_can_be_adopted(lab: Lab) -> None:
    lab.client("sqs").create_queue(QueueName="there", tags={"Environment": "lab", "Layer": "data"})
    stack = lab.stack(
        "data",
        {
            "Absent": Lab.kept("AWS::SQS::Queue", QueueName="absent"),
            "Nameless": Lab.kept("AWS::KMS::Key"),
            "Other": {**Lab.kept("AWS::SQS::Queue", QueueName="there"), "Condition": "Never"},
            "There": Lab.kept("AWS::SQS::Queue", QueueName={"Ref": "Name"}),
            "Unrelated": Lab.kept("AWS::KMS::Alias", AliasName="alias/u", TargetKeyId="key"),
        },
        parameters={"Name": "there"},
        conditions={"Never": {"Fn::Equals": ["a", "b"]}},
    )
    region = lab.target(stack).region_of(stack)
    url = lab.client("sqs").get_queue_url(QueueName="there")["QueueUrl"]
    assert adoptable(stack, stack.parameters, region) == (
        Adoption("There", "AWS::SQS::Queue", "QueueUrl", url),
    )


def test_an_import_leaves_out_what_refers_to_resources_that_are_not_there(lab: Lab) -> None:
    key = {"Ref": "Key"}
    sse = {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    resources = {
        "Key": Lab.kept("AWS::KMS::Key"),
        "Note": lab.note(),
        "Table": lab.table("lab-table", SSESpecification=sse),
    }
    template = lab.stack("data", resources, outputs={"TableName": {"Ref": "Table"}}).template
    adoptions = (Adoption("Table", "AWS::DynamoDB::Table", "TableName", "lab-table"),)
    reduced = json.loads(import_template(template, adoptions))
    assert list(reduced["Resources"]) == ["Table"]
    assert "SSESpecification" not in reduced["Resources"]["Table"]["Properties"]
    assert reduced["Resources"]["Table"]["Properties"]["TableName"] == "lab-table"
    assert "Outputs" not in reduced
    with_key = (*adoptions, Adoption("Key", "AWS::KMS::Key", "KeyId", "k"))
    both = json.loads(import_template(template, with_key))
    assert "SSESpecification" in both["Resources"]["Table"]["Properties"]


def test_what_was_foreseen_is_not_asked_again_but_once(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def find(_region: Any, _type: str, properties: dict[str, Any], owner: Any) -> str:
        assert owner == {"Environment": "lab", "Layer": "data"}
        asked.append(properties["TableName"])
        return str(properties["TableName"])

    monkeypatch.setattr("tapgen.deploy.plan.adoption.find", find)
    resources = {"Table": lab.table("kept"), "Note": lab.note({"Ref": "Id"})}
    stack = lab.stack("data", resources, inputs={"Id": OutputRef("network", "Id")})
    region = lab.target(stack).region_of(stack)
    lookups = Lookups()
    lookups.foresee(stack, region)
    assert asked == ["kept"]
    parameters = {"Id": "one"}
    (adoption,) = adoptable(stack, parameters, region, lookups.find)
    assert (adoption.identifier, asked) == ("kept", ["kept"])
    adoptable(stack, parameters, region, lookups.find)
    assert asked == ["kept", "kept"]


def test_what_cannot_be_foreseen_is_asked_when_it_is_wanted(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise TapgenError("not now")

    stack = lab.stack("data", {"Table": lab.table("kept")})
    region = lab.target(stack).region_of(stack)
    lookups = Lookups()
    with monkeypatch.context() as patched:
        patched.setattr("tapgen.deploy.plan.adoption.find", refuse)
        lookups.foresee(stack, region)
    assert adoptable(stack, {}, region, lookups.find) == ()
