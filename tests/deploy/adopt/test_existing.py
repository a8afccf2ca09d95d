"""What somebody else has made is found by its declared name, whatever gives that name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tapgen.aws.readers.values import NotRead
from tapgen.deploy.adopt.existing import Existing
from tapgen.errors import RefusedError, TapgenError, UsageError
from tests.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.model.stack import Stack


def found(
    lab: Lab, stack: Stack, held: Mapping[str, tuple[str, str]] | None = None
) -> dict[str, str]:
    """Logical id -> identifier."""
    search = Existing(lab.target(stack), stack, stack.parameters, held or {}, {})
    return {one.logical_id: one.identifier for one in search.find()}


def role(lab: Lab, name: str) -> None:
    lab.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")


def test_a_name_leads_to_any_type_that_can_be_read(lab: Lab) -> None:
    role(lab, "worker")
    lab.client("ssm").put_parameter(Name="/by-hand", Type="String", Value="x")
    stack = lab.stack(
        "data",
        {
            "Absent": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "nobody"}},
            "Given": lab.note(),
            "Later": {
                "Type": "AWS::IAM::Role",
                "Properties": {"RoleName": {"Fn::GetAtt": ["Given", "Value"]}},
            },
            "Note": lab.note("y", Name={"Ref": "Name"}),
            "Worker": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "worker"}},
        },
        parameters={"Name": "/by-hand"},
    )
    assert found(lab, stack) == {"Note": "/by-hand", "Worker": "worker"}
    # What the stack has is not searched, under whatever logical id.
    held = {"Other": ("AWS::IAM::Role", "worker"), "Note": ("AWS::SSM::Parameter", "/by-hand")}
    assert found(lab, stack, held) == {}


def test_what_is_found_gives_the_name_of_what_hangs_on_it(lab: Lab) -> None:
    lab.client("s3").create_bucket(Bucket=f"kept-{lab.account}")
    stack = lab.stack(
        "data",
        {
            "Bucket": Lab.kept("AWS::S3::Bucket", BucketName=f"kept-{lab.account}"),
            "Policy": {
                "Type": "AWS::S3::BucketPolicy",
                "Properties": {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": {}},
            },
        },
    )
    # CloudFormation imports no policy of a bucket that has none: it is made.
    assert found(lab, stack) == {"Bucket": f"kept-{lab.account}"}
    policy = '{"Version": "2012-10-17", "Statement": []}'
    lab.client("s3").put_bucket_policy(Bucket=f"kept-{lab.account}", Policy=policy)
    assert found(lab, stack) == {
        "Bucket": f"kept-{lab.account}",
        "Policy": f"kept-{lab.account}",
    }


def test_a_key_is_found_through_its_alias(lab: Lab) -> None:
    kms = lab.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/by-hand", TargetKeyId=key)
    alias = {"AliasName": "alias/by-hand", "TargetKeyId": {"Ref": "Key"}}
    stack = lab.stack(
        "data",
        {"Alias": Lab.kept("AWS::KMS::Alias", **alias), "Key": Lab.kept("AWS::KMS::Key")},
    )
    assert found(lab, stack) == {"Alias": "alias/by-hand", "Key": key}


def test_several_of_one_name_are_told_apart_by_whoever_names_one(lab: Lab) -> None:
    cognito = lab.client("cognito-idp")
    for _ in range(2):
        cognito.create_user_pool(PoolName="users")
    stack = lab.stack("data", {"Users": Lab.kept("AWS::Cognito::UserPool", UserPoolName="users")})
    with pytest.raises(RefusedError, match="there are several AWS::Cognito::UserPool named users"):
        found(lab, stack)
    first = cognito.list_user_pools(MaxResults=10)["UserPools"][0]["Id"]
    search = Existing(lab.target(stack), stack, {}, {}, {"Users": first})
    assert [one.identifier for one in search.find()] == [first]


def test_what_nobody_can_read_is_taken_over_where_it_is_named(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unable(*_: Any) -> NotRead:
        return NotRead("AWS cannot read it")

    monkeypatch.setattr("tapgen.deploy.adopt.existing.read_identified", unable)
    stack = lab.stack("data", {"Note": lab.note(Name="/there")})
    assert found(lab, stack) == {}
    search = Existing(lab.target(stack), stack, {}, {}, {"Note": "/there"})
    assert [one.identifier for one in search.find()] == ["/there"]
    assert "--resource Note=Name (AWS::SSM::Parameter)" in search.wanted(["Note"])


def test_what_may_not_be_listed_is_not_offered(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: Any) -> None:
        raise TapgenError("listing AWS::SSM::Parameter: AccessDenied")

    monkeypatch.setattr("tapgen.aws.resources.cloud_control.listed", denied)
    stack = lab.stack("data", {"Note": lab.note(Name="/there")})
    search = Existing(lab.target(stack), stack, {}, {}, {"Note": "/absent"})
    with pytest.raises(UsageError) as raised:
        search.find()
    where = f"in us-east-1 of account {lab.account}"
    assert raised.value.message == (
        "resources named by --resource cannot be taken over:\n"
        f"  Note: there is no AWS::SSM::Parameter /absent {where}"
    )
