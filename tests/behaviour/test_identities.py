"""Who may take a role, and as whom they are known: identity providers, sessions, service roles."""

from __future__ import annotations

import base64
import json
import time
from typing import Any, Final

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.behaviour.account import Aws, policy, refused
from tests.behaviour.facts import documented, fact

GUIDE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide"
STS: Final = (
    "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html"
)
PROVIDER: Final = (
    "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html"
)
TEMPLATE: Final = (
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
    "aws-resource-iam-oidcprovider.html"
)


def address(aws: Aws) -> str:
    """That of an identity provider which nobody has."""
    return f"{aws.name('ci')}.example.com"


def token(issuer: str, audience: str = "a", seconds: int = 600) -> str:
    """A token that nobody has signed."""
    until = int(time.time()) + seconds
    claims = {"iss": f"https://{issuer}", "sub": "job", "aud": audience, "exp": until}
    parts = [json.dumps(part).encode() for part in ({"alg": "RS256", "kid": "1"}, claims)]
    text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    return f"{text.decode()}.c2lnbmVk"


def unsigned(aws: Aws) -> Any:
    """STS as somebody without credentials asks it."""
    return aws.session.client(
        "sts",
        region_name=aws.region,
        endpoint_url=aws.endpoint,
        config=Config(signature_version=UNSIGNED),
    )


@fact(documented(PROVIDER))
def test_an_account_has_one_identity_provider_for_an_address(aws: Aws) -> None:
    iam, host = aws.client("iam"), address(aws)
    made = iam.create_open_id_connect_provider(Url=f"https://{host}", ClientIDList=["a"])
    arn = aws.making("identity provider", made["OpenIDConnectProviderArn"])
    assert arn == f"arn:aws:iam::{aws.account}:oidc-provider/{host}"
    with refused("EntityAlreadyExists", "already exists"):
        iam.create_open_id_connect_provider(Url=f"https://{host}", ClientIDList=["b"])


@fact(documented(PROVIDER.replace("Create", "AddClientIDTo"), GUIDE))
def test_audiences_of_an_identity_provider_come_and_go(aws: Aws) -> None:
    iam = aws.client("iam")
    made = iam.create_open_id_connect_provider(Url=f"https://{address(aws)}", ClientIDList=["a"])
    arn = aws.making("identity provider", made["OpenIDConnectProviderArn"])
    iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="b")
    iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="a")
    found = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert found["ClientIDList"] == ["b"]
    nobodys = arn.replace("example.com", "example.org")
    with refused("NoSuchEntity", "not found"):
        iam.add_client_id_to_open_id_connect_provider(
            OpenIDConnectProviderArn=nobodys, ClientID="b"
        )


@fact(documented(TEMPLATE), seconds=60)
def test_a_stack_has_an_identity_provider_and_changes_its_audiences(aws: Aws) -> None:
    host, stack = address(aws), aws.stack()

    def template(*audiences: str) -> dict[str, Any]:
        properties = {"Url": f"https://{host}", "ClientIdList": [*audiences]}
        return {
            "Resources": {"Ci": {"Type": "AWS::IAM::OIDCProvider", "Properties": properties}},
            "Outputs": {
                "Ref": {"Value": {"Ref": "Ci"}},
                "Arn": {"Value": {"Fn::GetAtt": ["Ci", "Arn"]}},
            },
        }

    made = stack.create(template("a", "b"))
    outputs = {one["OutputKey"]: one["OutputValue"] for one in made["Outputs"]}
    arn = f"arn:aws:iam::{aws.account}:oidc-provider/{host}"
    assert outputs == {"Ref": arn, "Arn": arn}
    assert stack.deploy(template("b", "c"))["StackStatus"] == "UPDATE_COMPLETE"
    found = aws.client("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert sorted(found["ClientIDList"]) == ["b", "c"]


@fact(
    documented(STS, "https://github.com/aws-actions/configure-aws-credentials/issues/721"),
    seconds=30,
)
def test_a_token_of_a_provider_that_the_account_does_not_have_is_refused(aws: Aws) -> None:
    role = aws.service_role("cloudformation")
    host = address(aws)
    with refused(
        "InvalidIdentityToken",
        f"No OpenIDConnect provider found in your account for https://{host}",
    ):
        unsigned(aws).assume_role_with_web_identity(
            RoleArn=role, RoleSessionName="ci", WebIdentityToken=token(host)
        )


@fact(
    documented(STS, "https://github.com/aws-actions/configure-aws-credentials/issues/775"),
    seconds=30,
)
@pytest.mark.parametrize(("audience", "seconds"), [("b", 600), ("a", -600)])
def test_so_is_one_for_others_or_out_of_date(aws: Aws, audience: str, seconds: int) -> None:
    """AWS looks at its signature first, and this one has none."""
    iam, host, role = aws.client("iam"), address(aws), aws.service_role("cloudformation")
    made = iam.create_open_id_connect_provider(Url=f"https://{host}", ClientIDList=["a"])
    aws.making("identity provider", made["OpenIDConnectProviderArn"])
    with pytest.raises(ClientError) as raised:
        unsigned(aws).assume_role_with_web_identity(
            RoleArn=role, RoleSessionName="ci", WebIdentityToken=token(host, audience, seconds)
        )
    codes = {"ExpiredTokenException", "IDPCommunicationError", "InvalidIdentityToken"}
    assert raised.value.response["Error"]["Code"] in codes


@fact(
    documented(f"{GUIDE}/reference_policies_condition-keys.html#condition-keys-principalarn"),
    seconds=60,
)
def test_a_session_is_known_by_the_arn_of_its_role(aws: Aws) -> None:
    somebody = aws.somebody("sts:AssumeRole", "sts:GetCallerIdentity")
    caller = somebody.client("sts").get_caller_identity()["Arn"]
    name = caller.split("/")[1]
    iam, allowed = aws.client("iam"), aws.making("role", aws.name("by-role"))
    own = f"arn:aws:iam::{aws.account}:role/{name}"
    trusting = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{aws.account}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": own}},
    }
    made = iam.create_role(RoleName=allowed, AssumeRolePolicyDocument=policy(trusting))["Role"]
    aws.settle()
    taken = somebody.client("sts").assume_role(RoleArn=made["Arn"], RoleSessionName="as-role")
    assert taken["AssumedRoleUser"]["Arn"].endswith(f":assumed-role/{allowed}/as-role")


@fact(documented("https://repost.aws/knowledge-center/cloudformation-role-arn-error"), seconds=40)
@pytest.mark.parametrize("which", ["missing", "of another service"])
def test_a_change_set_takes_no_role_that_cloudformation_cannot_take(aws: Aws, which: str) -> None:
    role = f"arn:aws:iam::{aws.account}:role/{aws.name('nobody')}"
    if which != "missing":
        role = aws.service_role("lambda")
        aws.settle()
    handle = {"Resources": {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}}
    with refused("ValidationError", f"Role {role} is invalid or cannot be assumed"):
        aws.stack().change_set(handle, "CREATE", RoleARN=role)


@fact(documented(f"{GUIDE}/reference_iam-quotas.html"), seconds=60)
def test_a_managed_policy_has_6144_characters_without_white_space(aws: Aws) -> None:
    def template(length: int) -> dict[str, Any]:
        statement = {"Effect": "Deny", "Action": ["sqs:SendMessage"], "Resource": [""]}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        rest = length - len(json.dumps(document, separators=(",", ":")))
        statement["Resource"] = ["arn:aws:sqs:*:*:".ljust(rest, "q")]
        properties = {"PolicyDocument": document}
        return {"Resources": {"P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}}}

    large = aws.stack()
    assert large.deploy(template(6145), "CREATE")["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "Cannot exceed quota for PolicySize: 6144" in large.reasons()["P"]
    aws.stack().create(template(6144))


@fact(documented(f"{GUIDE}/reference_iam-quotas.html"), seconds=60)
def test_a_role_has_ten_managed_policies_at_most(aws: Aws) -> None:
    names = [
        "ReadOnlyAccess",
        "SecurityAudit",
        "job-function/ViewOnlyAccess",
        "job-function/Billing",
    ]
    names += [
        f"Amazon{one}ReadOnlyAccess" for one in ("S3", "EC2", "SQS", "SNS", "RDS", "SSM", "VPC")
    ]
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "sqs.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    properties = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "ManagedPolicyArns": [f"arn:aws:iam::aws:policy/{name}" for name in names],
    }
    stack = aws.stack()
    template = {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}}}
    assert stack.deploy(template, "CREATE")["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "Cannot exceed quota for PoliciesPerRole: 10" in stack.reasons()["R"]
