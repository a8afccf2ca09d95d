"""What a request asks of its caller beside the action that it is named after."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.behaviour.account import Aws, Stack, policy, refused
from tests.behaviour.facts import documented, fact

GUIDE: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide"
IAM_GUIDE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide"
REFERENCE: Final = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference"
S3: Final = "https://docs.aws.amazon.com/AmazonS3/latest/API"
CHANGE_SETS: Final = (
    "cloudformation:CreateChangeSet",
    "cloudformation:DescribeChangeSet",
    "cloudformation:DescribeStacks",
    "cloudformation:DeleteStack",
    "ssm:PutParameter",
    "ssm:GetParameters",
)
ZONES: Final = ("ec2:DescribeAvailabilityZones", "ec2:DescribeAccountAttributes")
SUBNETS: Final = "ec2:DescribeSubnets"


def note(value: Any) -> dict[str, Any]:
    parameter = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value}}
    return {"Resources": {"Note": parameter}}


COMPUTED: Final = note({"Fn::Join": [",", {"Fn::GetAZs": ""}]})


@fact(documented(f"{REFERENCE}/intrinsic-function-reference-getavailabilityzones.html"), seconds=60)
@pytest.mark.parametrize("lacking", [*ZONES, SUBNETS])
def test_a_change_set_that_computes_zones_needs_to_describe_them(aws: Aws, lacking: str) -> None:
    allowed = [action for action in (*CHANGE_SETS, *ZONES, SUBNETS) if action != lacking]
    stack = Stack(aws.somebody(*allowed), aws.stack().name)
    with refused("AccessDenied", f"is not authorized to perform: {lacking}"):
        stack.change_set(COMPUTED, "CREATE")


@fact(documented(f"{REFERENCE}/intrinsic-function-reference-getavailabilityzones.html"), seconds=60)
def test_with_these_permissions_zones_are_computed(aws: Aws) -> None:
    stack = Stack(aws.somebody(*CHANGE_SETS, *ZONES, SUBNETS), aws.stack().name)
    assert stack.change_set(COMPUTED, "CREATE")["Status"] == "CREATE_COMPLETE"


@fact(documented(f"{GUIDE}/using-cfn-stack-drift.html"), seconds=75)
@pytest.mark.parametrize(
    "lacking",
    ["cloudformation:DetectStackResourceDrift", "cloudformation:BatchDescribeTypeConfigurations"],
)
def test_looking_for_drift_needs_more_than_its_own_action(aws: Aws, lacking: str) -> None:
    stack = aws.stack()
    stack.create(note("a"))
    needed = {
        "cloudformation:DetectStackDrift",
        "cloudformation:DetectStackResourceDrift",
        "cloudformation:BatchDescribeTypeConfigurations",
        "ssm:GetParameters",
    }
    somebody = aws.somebody(*sorted(needed - {lacking}))
    with refused("AccessDenied", f"is not authorized to perform: {lacking}"):
        somebody.client("cloudformation").detect_stack_drift(StackName=stack.name)


@fact(documented(f"{GUIDE}/using-iam-servicerole.html"), seconds=60)
def test_who_names_a_role_for_the_stack_may_pass_it(aws: Aws) -> None:
    role = aws.service_role("cloudformation")
    stack = Stack(aws.somebody(*CHANGE_SETS), aws.stack().name)
    with refused("AccessDenied", "is not authorized to perform: iam:PassRole on resource: "):
        stack.change_set(note("a"), "CREATE", RoleARN=role)


@fact(documented(f"{IAM_GUIDE}/reference_policies_variables.html"), seconds=75)
def test_a_role_may_be_taken_under_the_name_that_one_has_and_no_other(aws: Aws) -> None:
    somebody = aws.somebody("sts:AssumeRole")  # its session is called "somebody"
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{aws.account}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringLike": {"aws:userid": "*:${sts:RoleSessionName}"}},
    }
    name = aws.making("role", aws.name("role"))
    role = aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))
    aws.settle()
    sts = somebody.client("sts")
    arn = role["Role"]["Arn"]
    with refused("AccessDenied", "is not authorized to perform: sts:AssumeRole"):
        sts.assume_role(RoleArn=arn, RoleSessionName="anybody")
    given = sts.assume_role(RoleArn=arn, RoleSessionName="somebody")
    assert given["AssumedRoleUser"]["AssumedRoleId"].endswith(":somebody")


@fact(documented(f"{IAM_GUIDE}/reference_policies_variables.html"), seconds=60)
@pytest.mark.parametrize(
    ("variable", "may"),
    [("${aws:PrincipalAccount}", True), ("${aws:username}", False)],  # a session has no user name
)
def test_a_resource_is_named_by_what_the_request_says_or_not_at_all(
    aws: Aws, variable: str, may: bool
) -> None:
    path = aws.name("parameter")
    within = f"arn:aws:ssm:*:*:parameter/{path}/{variable}"
    somebody = aws.somebody("ssm:DeleteParameter", resource=within)
    asked = {"Name": f"/{path}/{aws.account}"}
    # What is there is looked for after the permission.
    code = "ParameterNotFound" if may else "AccessDeniedException"
    with refused(code):
        somebody.client("ssm").delete_parameter(**asked)


@fact(documented(f"{S3}/API_GetObject.html", f"{S3}/API_HeadObject.html"), seconds=60)
@pytest.mark.parametrize(
    ("allowed", "codes"),
    [
        (["s3:GetObject"], ("AccessDenied", "403")),
        (["s3:GetObject", "s3:ListBucket"], ("NoSuchKey", "404")),
    ],
    ids=["reads", "lists"],
)
def test_only_who_may_list_a_bucket_is_told_that_an_object_is_not_there(
    aws: Aws, allowed: list[str], codes: tuple[str, str]
) -> None:
    bucket = aws.making("bucket", aws.name("absent"))
    aws.client("s3").create_bucket(Bucket=bucket)
    aws.client("s3").put_object(Bucket=bucket, Key="there", Body=b"1")
    s3 = aws.somebody(*allowed).client("s3")
    assert s3.get_object(Bucket=bucket, Key="there")["Body"].read() == b"1"
    with refused(codes[0]):
        s3.get_object(Bucket=bucket, Key="absent")
    with refused(codes[1]):
        s3.head_object(Bucket=bucket, Key="absent")
