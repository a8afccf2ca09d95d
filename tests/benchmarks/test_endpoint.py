"""The endpoint answers as CloudFormation is documented to, to whoever asks in its own way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from benchmarks.endpoint.clock import LAYER_SECONDS, Times
from benchmarks.endpoint.server import Endpoint

ACCOUNT = "111111111111"
TOPIC = {
    "Description": "A topic",
    "Parameters": {"Name": {"Type": "String"}, "Color": {"Type": "String", "Default": "red"}},
    "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {}}},
    "Outputs": {
        "TopicArn": {"Value": {"Ref": "Topic"}},
        "Of": {"Value": {"Ref": "Name"}},
        "Is": {"Value": "t"},
    },
}
BODY = json.dumps(TOPIC)


@pytest.fixture(scope="module")
def served() -> Iterator[Endpoint]:
    """Stacks are there at once, but for those of `network`, which take for ever."""
    layers = {**dict.fromkeys(LAYER_SECONDS, 0.0), "network": 1000.0}
    with Endpoint(Times(layers, default=0.0, change_set=0.0, call=0.0)) as endpoint:
        yield endpoint


def client(endpoint: Endpoint, service: str) -> Any:
    return boto3.session.Session().client(
        service,  # type: ignore[call-overload]
        endpoint_url=endpoint.url,
        region_name="us-east-1",
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="none",
        config=Config(s3={"addressing_style": "path"}),
    )


@pytest.fixture(scope="module")
def cloudformation(served: Endpoint) -> Any:
    return client(served, "cloudformation")


def given(**values: str) -> list[dict[str, str]]:
    return [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()]


def described(cloudformation: Any, name: str) -> dict[str, Any]:
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    found: dict[str, Any] = stack
    return found


def test_a_stack_is_created_once(cloudformation: Any) -> None:
    tags = [{"Key": "Layer", "Value": "data"}]
    create = {"StackName": "one-data", "TemplateBody": BODY, "Parameters": given(Name="a")}
    cloudformation.create_stack(
        **create, Tags=tags, EnableTerminationProtection=True, StackPolicyBody="{}"
    )
    stack = described(cloudformation, "one-data")
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert stack["Parameters"] == given(Color="red", Name="a")
    assert stack["Tags"] == tags
    assert stack["EnableTerminationProtection"]
    assert [one["OutputValue"] for one in stack["Outputs"]] == [
        f"arn:aws:service:us-east-1:{ACCOUNT}:kind/one-data-TopicArn",
        "a",
        "t",
    ]
    assert cloudformation.get_stack_policy(StackName="one-data")["StackPolicyBody"] == "{}"
    assert cloudformation.get_template(StackName="one-data")["TemplateBody"] == TOPIC
    with pytest.raises(ClientError, match=r"AlreadyExistsException.*\[one-data\] already exists"):
        cloudformation.create_stack(**create)


def test_an_update_that_changes_nothing_is_none(cloudformation: Any) -> None:
    create = {"StackName": "same-data", "TemplateBody": BODY, "Parameters": given(Name="a")}
    cloudformation.create_stack(**create, Tags=[{"Key": "Layer", "Value": "data"}])
    other = json.dumps({**TOPIC, "Description": "Another word about it"})
    previous = [{"ParameterKey": "Name", "UsePreviousValue": True}]
    for parameters in (create["Parameters"], previous):
        with pytest.raises(ClientError, match=r"No updates are to be performed\.$") as refused:
            # Tags that nobody speaks of stay.
            cloudformation.update_stack(
                StackName="same-data", TemplateBody=other, Parameters=parameters
            )
        assert refused.value.response["Error"]["Code"] == "ValidationError"
    cloudformation.update_stack(
        StackName="same-data", TemplateBody=BODY, Parameters=given(Name="a"), Tags=[]
    )
    stack = described(cloudformation, "same-data")
    assert (stack["StackStatus"], stack["Tags"]) == ("UPDATE_COMPLETE", [])


def test_a_stack_at_work_takes_the_time_of_its_layer_however_it_was_begun(
    cloudformation: Any,
) -> None:
    parameters = given(Name="a")
    cloudformation.create_stack(StackName="busy-network", TemplateBody=BODY, Parameters=parameters)
    assert described(cloudformation, "busy-network")["StackStatus"] == "CREATE_IN_PROGRESS"
    assert "Outputs" not in described(cloudformation, "busy-network")
    with pytest.raises(ClientError, match=r"CREATE_IN_PROGRESS state and can not be updated\.$"):
        cloudformation.update_stack(
            StackName="busy-network", TemplateBody=BODY, Parameters=parameters
        )


@pytest.mark.parametrize(
    ("template", "parameters", "reason"),
    [
        (BODY, given(), r"Parameters: \[Name\] must have values"),
        (BODY, [{"ParameterKey": "Name", "UsePreviousValue": True}], "must have values"),
        (BODY, given(Name="a", Nmae="b"), r"Parameters: \[Nmae\] do not exist in the template"),
        (f"{BODY}{' ' * 51_200}", given(Name="a"), "less than or equal to 51200"),
    ],
)
def test_what_cannot_be_a_stack_is_refused(
    cloudformation: Any, template: str, parameters: list[dict[str, Any]], reason: str
) -> None:
    for call in (
        cloudformation.create_stack,
        lambda **asked: cloudformation.create_change_set(
            **asked, ChangeSetName="c", ChangeSetType="CREATE"
        ),
    ):
        with pytest.raises(ClientError, match=reason) as refused:
            call(StackName="bad-data", TemplateBody=template, Parameters=parameters)
        assert refused.value.response["Error"]["Code"] == "ValidationError"
    with pytest.raises(ClientError, match="Stack with id bad-data does not exist"):
        described(cloudformation, "bad-data")


def test_a_change_set_is_known_by_name_and_gone_after(cloudformation: Any) -> None:
    both = {"StackName": "set-data", "ChangeSetName": "first"}
    created = cloudformation.create_change_set(
        **both, ChangeSetType="CREATE", TemplateBody=BODY, Parameters=given(Name="a")
    )
    assert described(cloudformation, "set-data")["StackStatus"] == "REVIEW_IN_PROGRESS"
    assert "TemplateBody" not in cloudformation.get_template(StackName="set-data")
    with pytest.raises(ClientError, match="REVIEW_IN_PROGRESS state and can not be updated"):
        cloudformation.update_stack(
            StackName="set-data", TemplateBody=BODY, Parameters=given(Name="a")
        )
    by_arns = {"StackName": created["StackId"], "ChangeSetName": "first"}
    assert cloudformation.describe_change_set(**by_arns)["Status"] == "CREATE_COMPLETE"
    cloudformation.execute_change_set(**both)
    executed = cloudformation.describe_change_set(ChangeSetName=created["Id"])
    assert (executed["Status"], executed["ExecutionStatus"]) == (
        "CREATE_COMPLETE",
        "EXECUTE_COMPLETE",
    )
    for _ in range(2):  # what is gone may be deleted again
        cloudformation.delete_change_set(**both)
    with pytest.raises(ClientError, match="ChangeSetNotFound"):
        cloudformation.describe_change_set(**both)


def test_a_template_is_summed_up(cloudformation: Any) -> None:
    cloudformation.create_stack(StackName="sum-data", TemplateBody=BODY, Parameters=given(Name="a"))
    found = cloudformation.get_template_summary(StackName="sum-data")
    assert [one["ParameterKey"] for one in found["Parameters"]] == ["Name", "Color"]
    assert found["ResourceTypes"] == ["AWS::SNS::Topic"]


@pytest.mark.parametrize("text", [f"---\n{BODY}", "Resources: {Topic: {Type: 'AWS::SNS::Topic'}}"])
def test_a_template_may_be_yaml(cloudformation: Any, text: str) -> None:
    name = f"yaml{len(text)}-data"
    parameters = given(Name="a") if "Parameters" in text else []
    cloudformation.create_stack(StackName=name, TemplateBody=text, Parameters=parameters)
    found = cloudformation.get_template_summary(StackName=name)
    assert found["ResourceTypes"] == ["AWS::SNS::Topic"]


def test_a_template_may_lie_in_a_bucket(served: Endpoint, cloudformation: Any) -> None:
    s3 = client(served, "s3")
    listing = {"Bucket": "templates", "Prefix": "a.json", "MaxKeys": 1}
    assert s3.list_objects_v2(**listing)["KeyCount"] == 0
    s3.put_object(Bucket="templates", Key="a.json", Body=BODY.encode())
    (found,) = s3.list_objects_v2(**listing)["Contents"]
    assert (found["Key"], found["Size"]) == ("a.json", len(BODY))
    create = {"StackName": "bucket-data", "Parameters": given(Name="a")}
    where = "https://s3.us-east-1.amazonaws.com/templates"
    with pytest.raises(ClientError, match="TemplateURL must reference a valid S3 object"):
        cloudformation.create_stack(**create, TemplateURL=f"{where}/b.json")
    cloudformation.create_stack(**create, TemplateURL=f"{where}/a.json")
    assert cloudformation.get_template(StackName="bucket-data")["TemplateBody"] == TOPIC


def test_buckets_and_objects_are_never_found_otherwise(served: Endpoint) -> None:
    s3 = client(served, "s3")
    assert s3.list_buckets()["Buckets"] == []
    with pytest.raises(ClientError, match="Not Found"):
        s3.head_bucket(Bucket="templates")


def test_an_account_is_prepared_for_the_cdk(served: Endpoint) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/cdk-hnb659fds-deploy-role-{ACCOUNT}-us-east-1"
    taken = client(served, "sts").assume_role(RoleArn=role, RoleSessionName="bench")
    assert taken["Credentials"]["AccessKeyId"] == ACCOUNT
    version = client(served, "ssm").get_parameter(Name="/cdk-bootstrap/hnb659fds/version")
    assert int(version["Parameter"]["Value"]) >= 6  # what its stacks ask for
