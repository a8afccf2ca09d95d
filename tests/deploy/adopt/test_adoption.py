"""Taking over what an earlier stack left: what can be adopted, looked up ahead of time or not."""

from __future__ import annotations

import json

from tapgen.deploy.adopt.adoption import (
    SHELL,
    Deployed,
    adoptable,
    import_template,
    may_adopt,
    shell_template,
)
from tapgen.model.plan import Adoption
from tests.lab import Lab

# The tags by which a resource is known to be the stack's.
OURS = {"Environment": "lab", "Layer": "data"}
SHELL_STACK = Deployed(shell_template())


def test_only_what_is_declared_and_there_can_be_adopted(lab: Lab) -> None:
    lab.client("sqs").create_queue(QueueName="there", tags=OURS)
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
        Adoption("There", "AWS::SQS::Queue", "QueueUrl", url, {"QueueName": "there"}),
    )


def test_an_import_says_what_a_resource_has_in_place_of_what_it_lacks(lab: Lab) -> None:
    lab.deploy(lab.stack("data", {"Table": lab.table("lab-table")}))
    lab.destroy(lab.stack("data", {"Table": lab.table("lab-table")}))
    sse = {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": {"Ref": "Key"}}
    stack = lab.stack(
        "data",
        {
            "Key": Lab.kept("AWS::KMS::Key"),
            "Note": lab.note(),
            "Table": lab.table(
                {"Ref": "Name"},
                DeletionProtectionEnabled={"Fn::If": ["Protect", True, False]},
                SSESpecification=sse,
            ),
        },
        outputs={"TableName": {"Ref": "Table"}},
        parameters={"Name": "lab-table"},
        conditions={"Protect": {"Fn::Equals": [{"Ref": "Name"}, "lab-table"]}},
    )
    region = lab.target(stack).region_of(stack)
    adoptions = adoptable(stack, stack.parameters, region)
    reduced = json.loads(import_template(stack, stack.parameters, adoptions, SHELL_STACK))
    assert reduced["Resources"].keys() == {"Table", *SHELL}
    table = reduced["Resources"]["Table"]
    assert table["Properties"]["TableName"] == {"Ref": "Name"}
    assert table["Properties"]["DeletionProtectionEnabled"] is False
    assert table["Properties"]["SSESpecification"] == {"SSEEnabled": False}
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == (
        "RetainExceptOnCreate",
        "Retain",
    )
    assert "Outputs" not in reduced


def test_an_import_into_a_stack_takes_its_values_and_says_the_rest_in_words_of_its_own(
    lab: Lab,
) -> None:
    lab.client("logs").create_log_group(logGroupName="/new", tags=OURS)
    protect = {"Fn::Equals": ["a", "b"]}
    before = lab.stack(
        "data",
        {"Note": lab.note({"Ref": "Name"})},
        outputs={"Name": {"Ref": "Name"}},
        parameters={"Name": "/old"},
        conditions={"Protect": protect},
    )
    group = Lab.kept(
        "AWS::Logs::LogGroup",
        LogGroupName={"Ref": "Name"},
        RetentionInDays={"Fn::If": ["Forever", {"Ref": "AWS::NoValue"}, {"Ref": "Days"}]},
    )
    after = lab.stack(
        "data",
        {"Note": lab.note({"Ref": "Name"}), "Group": {**group, "Condition": "Forever"}},
        parameters={"Name": "/new", "Days": "7"},
        conditions={"Forever": {"Fn::Equals": ["a", "a"]}, "Protect": {"Fn::Equals": ["a", "a"]}},
    )
    region = lab.target(after).region_of(after)
    adoptions = adoptable(after, after.parameters, region)
    deployed = Deployed(before.template.text, before.parameters)
    found = json.loads(import_template(after, after.parameters, adoptions, deployed))
    # What the name would be with the parameter that the stack has is another group's.
    assert found["Resources"]["Group"]["Properties"] == {"LogGroupName": "/new"}
    assert found["Resources"]["Note"] == lab.note({"Ref": "Name"})
    assert (found["Outputs"], found["Conditions"]["Protect"]) == (
        json.loads(before.template.text)["Outputs"],
        protect,
    )
    assert set(found["Parameters"]) == {"Name", "Days"}


def test_no_secret_is_written_into_a_template(lab: Lab) -> None:
    lab.client("secretsmanager").create_secret(
        Name="lab/secret", SecretString="s", Tags=[{"Key": k, "Value": v} for k, v in OURS.items()]
    )
    secret = Lab.kept(
        "AWS::SecretsManager::Secret", Name="lab/secret", SecretString={"Ref": "Password"}
    )
    stack = lab.stack("data", {"Secret": secret}, parameters={"Password": "hidden"})
    region = lab.target(stack).region_of(stack)
    (adoption,) = adoptable(stack, stack.parameters, region)
    assert adoption.properties == {"Name": "lab/secret"}
    assert "hidden" not in import_template(stack, stack.parameters, (adoption,), SHELL_STACK)


def test_what_a_stack_has_is_not_looked_for(lab: Lab) -> None:
    lab.client("sqs").create_queue(QueueName="there")
    stack = lab.stack("data", {"There": Lab.kept("AWS::SQS::Queue", QueueName="there")})
    deployed = {"There": ("AWS::SQS::Queue", "there")}
    region = lab.target(stack).region_of(stack)
    assert adoptable(stack, {}, region, deployed=deployed) == ()
    assert not may_adopt(stack.template, deployed)
    assert may_adopt(stack.template, {})
    assert not may_adopt(lab.stack("data", {"Topic": Lab.kept("AWS::SNS::Topic")}).template, {})
