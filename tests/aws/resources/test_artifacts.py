"""The artifacts bucket: content-named uploads, once, into the expected account's bucket."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from botocore.stub import ANY, Stubber

from tapgen.aws.account import Account, Connection
from tapgen.aws.resources.artifacts import Artifacts
from tapgen.errors import TapgenError

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

REGION = "us-east-1"


@pytest.fixture
def artifacts(account: Account) -> Artifacts:
    name = f"lab-artifacts-{account.account_id}"
    account.client("s3", REGION).create_bucket(Bucket=name)
    return Artifacts(account, REGION, name)


def test_content_is_uploaded_once(account: Account, artifacts: Artifacts) -> None:
    assert artifacts.put("templates/a.json", b"{}")
    assert not artifacts.put("templates/a.json", b"{}")
    stored = account.client("s3", REGION).get_object(
        Bucket=artifacts.bucket, Key="templates/a.json"
    )
    assert stored["Body"].read() == b"{}"


def test_the_url_has_the_bucket_in_its_path(artifacts: Artifacts) -> None:
    endpoint = artifacts._client.meta.endpoint_url
    assert artifacts.url("templates/a.json") == f"{endpoint}/{artifacts.bucket}/templates/a.json"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AWS_USE_FIPS_ENDPOINT", "true"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "true"),
        ("AWS_ENDPOINT_URL_S3", "https://bucket.vpce-1.s3.eu-west-1.vpce.amazonaws.com"),
        ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1"),
    ],
)
def test_cloudformation_takes_the_ordinary_address_whatever_way_to_s3_there_is(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv(variable, value)
    url = Artifacts(Account("111111111111", Connection()), "eu-west-1", "b").url("k")
    assert url == "https://s3.eu-west-1.amazonaws.com/b/k"


def test_checksum_and_owner_are_sent(artifacts: Artifacts) -> None:
    sent: list[AWSPreparedRequest] = []
    artifacts._client.meta.events.register(
        "before-send.s3", lambda request, **_: sent.append(request)
    )
    assert artifacts.put("k", b"body")
    asked, uploaded = sent
    assert [asked.method, uploaded.method] == ["HEAD", "PUT"]
    for request in sent:
        assert request.headers["x-amz-expected-bucket-owner"] == artifacts.account_id.encode()
    checksum = b64encode(sha256(b"body").digest())
    assert uploaded.headers["x-amz-checksum-sha256"] == checksum


def test_large_content_is_uploaded_in_one_request(artifacts: Artifacts) -> None:
    """In parts it would take more than the permissions that `tapgen iam-policy` writes."""
    sent: list[str] = []
    artifacts._client.meta.events.register(
        "before-call.s3", lambda model, **_: sent.append(model.name)
    )
    content = bytes(9 * 1024**2)  # boto3 uploads in parts from 8 MiB on
    assert artifacts.put("large", content)
    assert sent == ["HeadObject", "PutObject"]
    stored = artifacts._client.get_object(Bucket=artifacts.bucket, Key="large")
    assert stored["Body"].read() == content


def test_an_upload_that_is_refused_is_told(artifacts: Artifacts) -> None:
    upload = {"Bucket": artifacts.bucket, "Key": "k", "ExpectedBucketOwner": artifacts.account_id}
    with Stubber(artifacts._client) as aws:
        aws.add_client_error("head_object", "404", "Not Found")
        aws.add_client_error(
            "put_object",
            "AccessDenied",
            expected_params={**upload, "Body": ANY, "ChecksumAlgorithm": "SHA256"},
        )
        with pytest.raises(TapgenError, match=r"uploading k to lab-artifacts-.*Denied") as raised:
            artifacts.put("k", b"body")
    assert "s3:PutObject" in raised.value.hint


def test_a_bucket_of_somebody_else_is_an_error(artifacts: Artifacts) -> None:
    with Stubber(artifacts._client) as aws:
        aws.add_client_error("head_object", "403", "Forbidden")
        with pytest.raises(TapgenError, match=r"uploading k to lab-artifacts-.*403") as raised:
            artifacts.put("k", b"body")
    assert "permission" in raised.value.hint
