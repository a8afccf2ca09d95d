"""What an import may bring, and what it does to what it takes over: nothing."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.behaviour.account import Aws, Stack, changes, refused
from tests.behaviour.facts import documented, fact

GUIDE: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide"
API: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference"
IMPORT: Final = f"{GUIDE}/resource-import.html"
HANDLE: Final = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
# Any role: the request is refused before it is looked at.
ROLE: Final = "arn:aws:iam::{account}:role/is-not-looked-at"


def log_group(aws: Aws, days: int = 7) -> str:
    """A log group that no stack has; gives its name."""
    name = aws.making("log group", aws.name("kept"))
    aws.client("logs").create_log_group(logGroupName=name)
    aws.client("logs").put_retention_policy(logGroupName=name, retentionInDays=days)
    return name


def template(name: str, *, existing: bool = False, **properties: Any) -> dict[str, Any]:
    group = {
        "Type": "AWS::Logs::LogGroup",
        "DeletionPolicy": "Retain",
        "Properties": {"LogGroupName": name, **properties},
    }
    return {"Resources": {"Group": group, **({"Handle": HANDLE} if existing else {})}}


def importing(name: str) -> dict[str, Any]:
    """The arguments that take the group over."""
    return {
        "kind": "IMPORT",
        "ResourcesToImport": [
            {
                "ResourceType": "AWS::Logs::LogGroup",
                "LogicalResourceId": "Group",
                "ResourceIdentifier": {"LogGroupName": name},
            }
        ],
    }


def execute(stack: Stack, change_set: dict[str, Any]) -> str:
    assert change_set["Status"] == "CREATE_COMPLETE", change_set.get("StatusReason")
    stack.api.execute_change_set(ChangeSetName=change_set["ChangeSetId"])
    return str(stack.at_rest()["StackStatus"])


TAGS: Final = [{"Key": "Owner", "Value": "somebody"}]


def taken_over(aws: Aws, name: str) -> Stack:
    """A stack that was made with tags, then has taken over the group."""
    stack = aws.stack()
    empty = stack.change_set({"Resources": {"Handle": HANDLE}}, "CREATE", Tags=TAGS)
    assert execute(stack, empty) == "CREATE_COMPLETE"
    told = stack.change_set(template(name, existing=True), **importing(name))
    assert execute(stack, told) == "IMPORT_COMPLETE"
    return stack


@fact(documented("https://github.com/aws/aws-cdk/issues/24954"))
@pytest.mark.parametrize("what", ["RoleArn", "Tags", "Outputs"])
def test_an_import_into_a_new_stack_may_not_bring(aws: Aws, what: str) -> None:
    name = log_group(aws)
    body = template(name)
    options: dict[str, Any] = importing(name)
    match what:
        case "RoleArn":
            options["RoleARN"] = ROLE.format(account=aws.account)
        case "Tags":
            options["Tags"] = [{"Key": "a", "Value": "b"}]
        case _:
            body["Outputs"] = {"Name": {"Value": name}}
    told = f"As part of the import operation, you cannot modify or add [{what}]"
    with refused("ValidationError", told):
        aws.stack().change_set(body, **options)


@fact(documented(IMPORT), seconds=60)
def test_an_import_and_the_update_after_it_change_only_what_the_templates_differ_in(
    aws: Aws,
) -> None:
    logs = aws.client("logs")

    def days() -> int:
        groups = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        return int(groups[0]["retentionInDays"])

    name = log_group(aws)
    stack = aws.stack()
    declared = template(name, RetentionInDays=60)
    told = stack.change_set(declared, **importing(name))
    assert [change["Action"] for change in changes(told).values()] == ["Import"]
    assert (execute(stack, told), days()) == ("IMPORT_COMPLETE", 7)
    tagged = template(name, RetentionInDays=60, Tags=[{"Key": "a", "Value": "b"}])
    assert (execute(stack, stack.change_set(tagged)), days()) == ("UPDATE_COMPLETE", 7)
    other = template(name, RetentionInDays=90, Tags=[{"Key": "a", "Value": "b"}])
    assert (execute(stack, stack.change_set(other)), days()) == ("UPDATE_COMPLETE", 90)


@fact(documented(IMPORT, f"{GUIDE}/resource-import-existing-stack.html"), seconds=60)
def test_a_stack_that_was_made_with_tags_takes_over_without_naming_them(aws: Aws) -> None:
    name = log_group(aws)
    stack = taken_over(aws, name)
    assert stack.described_now()["Tags"] == TAGS
    assert stack.resources() == {"Group", "Handle"}


@fact(documented(IMPORT), seconds=60)
def test_an_import_puts_the_tags_of_the_stack_on_what_it_takes_over(aws: Aws) -> None:
    name = log_group(aws)
    taken_over(aws, name)
    logs = aws.client("logs")
    (group,) = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    arn = group["arn"].removesuffix(":*")
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"]["Owner"] == "somebody"


@fact(documented(f"{API}/API_DescribeStackResources.html"), seconds=30)
def test_a_resource_leads_to_the_stack_that_has_it(aws: Aws) -> None:
    name = log_group(aws)
    stack = aws.stack()
    cloudformation = aws.client("cloudformation")
    with refused("ValidationError", "does not exist"):
        cloudformation.describe_stack_resources(PhysicalResourceId=name)
    execute(stack, stack.change_set(template(name), **importing(name)))
    found = cloudformation.describe_stack_resources(PhysicalResourceId=name)["StackResources"]
    assert [(one["StackName"], one["LogicalResourceId"]) for one in found] == [
        (stack.name, "Group")
    ]


@fact(documented(IMPORT), seconds=60)
def test_what_a_stack_has_is_taken_over_by_no_other(aws: Aws) -> None:
    name = log_group(aws)
    stack = aws.stack()
    execute(stack, stack.change_set(template(name), **importing(name)))
    told = aws.stack().change_set(template(name), **importing(name))
    assert told["Status"] == "FAILED"
    assert "already exists in stack" in told["StatusReason"]


@fact(documented(f"{GUIDE}/import-resources.html"))
def test_what_becomes_of_it_has_to_be_said(aws: Aws) -> None:
    name = log_group(aws)
    body = template(name)
    del body["Resources"]["Group"]["DeletionPolicy"]
    with refused("ValidationError", "must have DeletionPolicy attribute"):
        aws.stack().change_set(body, **importing(name))


@fact(documented(IMPORT), seconds=30)
def test_a_key_that_is_to_be_deleted_cannot_be_taken_over(aws: Aws) -> None:
    key, _ = aws.dying_key()
    body = {"Resources": {"Key": {"Type": "AWS::KMS::Key", "DeletionPolicy": "Retain"}}}
    entry = {
        "ResourceType": "AWS::KMS::Key",
        "LogicalResourceId": "Key",
        "ResourceIdentifier": {"KeyId": key},
    }
    told = aws.stack().change_set(body, "IMPORT", ResourcesToImport=[entry])
    assert told["Status"] == "FAILED"
    assert "not found" in told["StatusReason"]


@fact(documented(IMPORT))
def test_what_is_not_there_is_not_taken_over(aws: Aws) -> None:
    name = aws.name("none")
    told = aws.stack().change_set(template(name), **importing(name))
    assert (told["Status"], told["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")


@fact(documented(f"{GUIDE}/import-resources-automatically.html"), seconds=30)
@pytest.mark.parametrize(
    ("computed", "action"), [(False, "Import"), (True, "Add")], ids=["literal", "computed"]
)
def test_what_exists_is_taken_over_by_itself_where_its_name_is_literal(
    aws: Aws, computed: bool, action: str
) -> None:
    name = log_group(aws)
    body = template(name)
    if computed:
        body["Resources"]["Group"]["Properties"]["LogGroupName"] = {"Fn::Sub": name}
    told = aws.stack().change_set(body, "CREATE", ImportExistingResources=True)
    assert changes(told)["Group"]["Action"] == action
