"""The artifacts bucket: content-named uploads, once, into the expected account's bucket."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber

from tapgen.aws.resources.artifacts import Artifacts
from tapgen.errors import TapgenError

if TYPE_CHECKING:
    from tapgen.aws.account import Account

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


def test_checksum_and_owner_are_sent(account: Account, artifacts: Artifacts) -> None:
    owner = {"Bucket": artifacts.bucket, "Key": "k", "ExpectedBucketOwner": account.account_id}
    checksum = b64encode(sha256(b"body").digest()).decode()
    with Stubber(artifacts._client) as aws:
        aws.add_client_error("head_object", "404", "Not Found", expected_params=owner)
        aws.add_response("put_object", {}, {**owner, "Body": b"body", "ChecksumSHA256": checksum})
        assert artifacts.put("k", b"body")


def test_a_bucket_of_somebody_else_is_an_error(artifacts: Artifacts) -> None:
    with Stubber(artifacts._client) as aws:
        aws.add_client_error("head_object", "403", "Forbidden")
        with pytest.raises(TapgenError, match=r"uploading k to lab-artifacts-.*403") as raised:
            artifacts.put("k", b"body")
    assert "permission" in raised.value.hint
