"""What is locked in a bucket, and what an asymmetric key signs."""

from __future__ import annotations

from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.behaviour.account import Aws, refused
from tests.behaviour.facts import documented, fact

LOCK: Final = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html"
SIGNING: Final = "https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html"


def locked(name: str, days: int) -> dict[str, Any]:
    """A bucket whose objects are locked in governance mode."""
    retention = {"Mode": "GOVERNANCE", "Days": days}
    properties = {
        "BucketName": name,
        "ObjectLockEnabled": True,
        "ObjectLockConfiguration": {
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": retention},
        },
    }
    return {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": properties}}}


@fact(documented(LOCK), seconds=60)
def test_a_bucket_of_a_stack_locks_what_is_put_into_it(aws: Aws) -> None:
    name, stack, s3 = aws.name("locked"), aws.stack(), aws.client("s3")
    aws.making("bucket", name)
    stack.create(locked(name, 1))
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    version = s3.put_object(Bucket=name, Key="a", Body=b"1")["VersionId"]
    with refused("AccessDenied", "object lock"):
        s3.delete_object(Bucket=name, Key="a", VersionId=version)
    s3.delete_object(Bucket=name, Key="a")  # a marker hides it
    assert s3.get_object(Bucket=name, Key="a", VersionId=version)["Body"].read() == b"1"


@fact(documented(LOCK), seconds=60)
def test_who_may_bypass_governance_deletes_before_the_time(aws: Aws) -> None:
    name, s3 = aws.name("locked"), aws.client("s3")
    aws.making("bucket", name)
    aws.stack().create(locked(name, 1))
    version = s3.put_object(Bucket=name, Key="a", Body=b"1")["VersionId"]
    named = {"Bucket": name, "Key": "a", "VersionId": version}
    somebody = aws.somebody("s3:DeleteObject", "s3:DeleteObjectVersion").client("s3")
    with refused("AccessDenied", ""):
        somebody.delete_object(**named, BypassGovernanceRetention=True)
    s3.delete_object(**named, BypassGovernanceRetention=True)
    assert "Versions" not in s3.list_object_versions(Bucket=name)


@fact(documented(LOCK), seconds=60)
def test_the_default_of_a_lock_is_changed_in_place_and_never_taken_away(aws: Aws) -> None:
    name, stack, s3 = aws.name("locked"), aws.stack(), aws.client("s3")
    aws.making("bucket", name)
    stack.create(locked(name, 1))
    assert stack.deploy(locked(name, 2))["StackStatus"] == "UPDATE_COMPLETE"

    def found() -> Any:
        return s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"]

    assert found()["Rule"]["DefaultRetention"] == {"Mode": "GOVERNANCE", "Days": 2}
    without = locked(name, 2)
    del without["Resources"]["Bucket"]["Properties"]["ObjectLockConfiguration"]
    assert stack.deploy(without)["StackStatus"] == "UPDATE_COMPLETE"
    assert found() == {"ObjectLockEnabled": "Enabled"}


@fact(documented(SIGNING), seconds=60)
def test_an_asymmetric_key_of_a_stack_signs_what_its_public_key_verifies(aws: Aws) -> None:
    kms, stack = aws.client("kms"), aws.stack()
    root = {"AWS": f"arn:aws:iam::{aws.account}:root"}
    everything = {"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}
    properties = {
        "KeySpec": "ECC_NIST_P256",
        "KeyUsage": "SIGN_VERIFY",
        "KeyPolicy": {"Version": "2012-10-17", "Statement": [everything]},
    }
    made = stack.create(
        {
            "Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": properties}},
            "Outputs": {"Key": {"Value": {"Ref": "Key"}}},
        }
    )
    key = made["Outputs"][0]["OutputValue"]
    digest = bytes(range(32))
    known = {"KeyId": key, "Message": digest, "MessageType": "DIGEST"}
    signed = kms.sign(**known, SigningAlgorithm="ECDSA_SHA_256")["Signature"]
    assert kms.verify(**known, SigningAlgorithm="ECDSA_SHA_256", Signature=signed)["SignatureValid"]
    public = load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
    assert isinstance(public, ec.EllipticCurvePublicKey)
    public.verify(signed, digest, ec.ECDSA(Prehashed(SHA256())))
    with pytest.raises(kms.exceptions.KMSInvalidSignatureException):
        kms.verify(
            KeyId=key,
            Message=digest[::-1],
            MessageType="DIGEST",
            SigningAlgorithm="ECDSA_SHA_256",
            Signature=signed,
        )
