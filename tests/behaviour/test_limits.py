"""Names that AWS does not take, and properties that are settled for ever."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.behaviour.account import Aws, refused
from tests.behaviour.facts import documented, fact

DOCS: Final = "https://docs.aws.amazon.com"


def only(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"It": {"Type": kind, "Properties": properties}}}


@fact(documented(f"{DOCS}/acm/latest/userguide/acm-public-certificates.html"), seconds=60)
def test_the_first_name_of_a_certificate_has_at_most_64_characters(aws: Aws) -> None:
    stack = aws.stack()
    kind, name = "AWS::CertificateManager::Certificate", f"{'a' * 53}.example.com"
    made = stack.deploy(only(kind, DomainName=name, ValidationMethod="DNS"), "CREATE")
    assert made["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "64" in stack.reasons()["It"]


@fact(documented(f"{DOCS}/AmazonS3/latest/userguide/bucketnamingrules.html"), seconds=60)
@pytest.mark.parametrize("beginning", ["xn--", "sthree-", "amzn-s3-demo-"])
def test_beginnings_of_bucket_names_are_reserved(aws: Aws, beginning: str) -> None:
    stack = aws.stack()
    name = aws.making("bucket", f"{beginning}{aws.name('bucket')}")
    made = stack.deploy(only("AWS::S3::Bucket", BucketName=name), "CREATE")
    assert made["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "bucket" in stack.reasons()["It"].lower()


@fact(
    documented(f"{DOCS}/cognito/latest/developerguide/user-pool-settings-attributes.html"),
    seconds=75,
)
@pytest.mark.parametrize("settled", ["UsernameAttributes", "AliasAttributes"])
def test_how_users_sign_in_is_settled_for_ever(aws: Aws, settled: str) -> None:
    stack, name = aws.stack(), aws.name("pool")
    stack.create(only("AWS::Cognito::UserPool", UserPoolName=name))
    changed = only("AWS::Cognito::UserPool", UserPoolName=name, **{settled: ["email"]})
    assert stack.deploy(changed)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert f"Updates are not allowed for property - {settled}" in stack.reasons()["It"]


@fact(documented(f"{DOCS}/systems-manager/latest/APIReference/API_GetParameters.html"))
def test_parameters_are_read_ten_at_a_time(aws: Aws) -> None:
    ssm = aws.client("ssm")
    names = [f"/{aws.name('parameter')}" for _ in range(11)]
    assert sorted(ssm.get_parameters(Names=names[:10])["InvalidParameters"]) == sorted(names[:10])
    with refused("ValidationException", "less than or equal to 10"):
        ssm.get_parameters(Names=names)
