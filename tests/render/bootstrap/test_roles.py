"""What the roles may do beside what the generated policies say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tapgen.model.templates.template import Template


def actions(template: Template, role: str) -> set[str]:
    """What a role's own policy allows, without the generated ones."""
    (policy,) = template.resources[role]["Properties"]["Policies"]
    return {
        action
        for statement in policy["PolicyDocument"]["Statement"]
        for action in statement["Action"]
    }


def attached(template: Template, role: str) -> list[Any]:
    return list(template.resources[role]["Properties"].get("ManagedPolicyArns", []))


def test_each_task_has_its_policies_and_no_other(template: Template) -> None:
    telling = [
        {"Fn::If": [f"HasNotify{kind}", {"Ref": f"Notify{kind}Policy"}, {"Ref": "AWS::NoValue"}]}
        for kind in ("Topic", "Secret")
    ]
    assert attached(template, "ReviewRole") == [{"Ref": "ReviewPolicy1"}, *telling]
    assert attached(template, "DeployRole") == [
        {"Ref": "DeployPolicy1"},
        {"Ref": "DeployPolicy2"},
        {"Fn::If": ["IsUnprotected", {"Ref": "PurgePolicy1"}, {"Ref": "AWS::NoValue"}]},
        *telling,
    ]
    assert attached(template, "CloudFormationRole") == [{"Ref": "CloudformationPolicy1"}]
    assert attached(template, "ApproveRole") == []


@pytest.mark.parametrize("role", ["ReviewRole", "DeployRole"])
def test_who_reviews_or_deploys_may_verify_and_not_sign(template: Template, role: str) -> None:
    allowed = actions(template, role)
    assert {"kms:Verify", "kms:GetPublicKey"} <= allowed
    assert "kms:Sign" not in allowed


def test_whoever_approves_signs_and_changes_nothing_else(template: Template) -> None:
    assert actions(template, "ApproveRole") == {
        "cloudformation:DescribeChangeSet",
        "cloudformation:DescribeStacks",
        "cloudformation:GetTemplate",
        "kms:DescribeKey",
        "kms:GetPublicKey",
        "kms:Sign",
        "kms:Verify",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:ListBucket",
        "s3:ListBucketVersions",
        "s3:PutObject",
    }
    text = json.dumps(template.resources["ApproveRole"])
    assert text.count("s3:PutObject") == 1
    assert '"${Bucket}/approvals/*/${!aws:userid}/*"' in text


def test_only_who_deploys_writes_records_and_nobody_deletes_one(template: Template) -> None:
    (own,) = template.resources["DeployRole"]["Properties"]["Policies"]
    written = [
        one["Fn::Sub"][0]
        for statement in own["PolicyDocument"]["Statement"]
        if "s3:PutObject" in statement["Action"]
        for one in statement["Resource"]
    ]
    assert written == ["${Bucket}/content/*", "${Bucket}/releases/*"]
    assert "s3:PutObject" not in actions(template, "ReviewRole")
    text = json.dumps(template.document)
    assert not [word for word in ("s3:Delete", "s3:Bypass", "s3:PutObjectRet") if word in text]


def test_data_is_purged_only_where_nothing_is_protected(template: Template) -> None:
    assert template.resources["PurgePolicy1"]["Condition"] == "IsUnprotected"
    assert template.document["Conditions"]["IsUnprotected"] == {
        "Fn::Not": [{"Condition": "IsProtection"}]
    }


def test_who_is_told_of_runs_is_told_by_whom_reviews_or_deploys(template: Template) -> None:
    for kind, action in (("Topic", "sns:Publish"), ("Secret", "secretsmanager:GetSecretValue")):
        policy = template.resources[f"Notify{kind}Policy"]
        assert policy["Condition"] == f"HasNotify{kind}"
        telling, using = policy["Properties"]["PolicyDocument"]["Statement"]
        assert (telling["Action"], telling["Resource"]) == ([action], [{"Ref": f"Notify{kind}"}])
        assert "kms:ViaService" in using["Condition"]["StringEquals"]
        assert "kms:Decrypt" in using["Action"]


def test_nothing_is_called_like_what_a_deployer_may_change(template: Template) -> None:
    """Deployers may change what begins with the prefix."""
    names = [
        value["Fn::Sub"]
        for resource in template.resources.values()
        for key, value in resource["Properties"].items()
        if key in {"RoleName", "ManagedPolicyName", "BucketName", "AliasName"}
        and value != {"Ref": "BoundaryName"}
    ]
    assert len(names) == len(set(names)) == 13
    assert all(name.removeprefix("alias/").startswith("tapgen-${Prefix}-") for name in names)


def test_roles_of_the_baseline_are_not_bounded(template: Template) -> None:
    """The boundary is what functions may do: with it nobody could deploy."""
    roles = [one for one in template.resources.values() if one["Type"] == "AWS::IAM::Role"]
    assert len(roles) == 4
    assert not [role for role in roles if "PermissionsBoundary" in role["Properties"]]
