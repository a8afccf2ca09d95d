"""Who may do what, as the local AWS has it; what cannot be read is told in its place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tapgen.aws.baseline.access import Access
from tapgen.model.approval import key_alias

if TYPE_CHECKING:
    from tapgen.aws.account import Account

REGION = "us-east-1"
LOOK = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
TAKE = {
    "Effect": "Allow",
    "Action": "sts:AssumeRole",
    "Principal": {"Service": "ec2.amazonaws.com"},
}
MAY, TRUST = ({"Version": "2012-10-17", "Statement": [one]} for one in (LOOK, TAKE))
TEXT, TRUSTED = json.dumps(MAY), json.dumps(TRUST)


def test_a_role_is_told_with_everything_that_says_what_it_may(account: Account) -> None:
    iam = account.client("iam", REGION)
    arns = [
        iam.create_policy(PolicyName=f"tapgen-{name}", PolicyDocument=TEXT)["Policy"]["Arn"]
        for name in ("attached", "bounding")
    ]
    iam.create_role(
        RoleName="tapgen-a", AssumeRolePolicyDocument=TRUSTED, PermissionsBoundary=arns[1]
    )
    iam.put_role_policy(RoleName="tapgen-a", PolicyName="own", PolicyDocument=TEXT)
    iam.attach_role_policy(RoleName="tapgen-a", PolicyArn=arns[0])
    iam.create_role(RoleName="tapgen-b", AssumeRolePolicyDocument=TRUSTED)
    found = Access(account, REGION).roles(["tapgen-a", "tapgen-b", "tapgen-c"])
    assert found["tapgen-a"] == {
        "arn": f"arn:aws:iam::{account.account_id}:role/tapgen-a",
        "trust": TRUST,
        "inline": {"own": MAY},
        "attached": dict.fromkeys(arns, MAY),
        "boundary": arns[1],
    }
    assert (found["tapgen-b"]["attached"], found["tapgen-b"]["boundary"]) == ({}, "")
    assert found["tapgen-c"].keys() == {"problem"}
    assert found["tapgen-c"]["problem"].startswith("reading the role tapgen-c: NoSuchEntity")


def test_the_key_of_approvals_is_told_with_its_policy(account: Account) -> None:
    kms = account.client("kms", REGION)
    made = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY", Policy=TEXT)
    kms.create_alias(AliasName=key_alias("told"), TargetKeyId=made["KeyMetadata"]["KeyId"])
    access = Access(account, REGION)
    assert access.key("told") == {
        "arn": made["KeyMetadata"]["Arn"],
        "spec": "ECC_NIST_P256",
        "state": "Enabled",
        "policy": MAY,
    }
    assert "NotFoundException" in access.key("nobody")["problem"]


def test_a_ledger_is_told_with_what_keeps_its_objects(account: Account) -> None:
    s3, bucket = account.client("s3", REGION), f"told-{account.account_id}"
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    s3.put_bucket_policy(Bucket=bucket, Policy=TEXT)
    access = Access(account, REGION)
    assert access.ledger(bucket) == {
        "bucket": bucket,
        "versioning": "Enabled",
        "object_lock": {"ObjectLockEnabled": "Enabled"},
        "policy": MAY,
    }
    assert "NoSuchBucket" in access.ledger(f"{bucket}-2")["problem"]
