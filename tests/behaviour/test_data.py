"""What stands in the way of deleting data, or of making it again."""

from __future__ import annotations

from typing import Final

from tests.behaviour.account import Aws, refused
from tests.behaviour.facts import documented, fact

KMS: Final = "https://docs.aws.amazon.com/kms/latest"
S3: Final = "https://docs.aws.amazon.com/AmazonS3/latest"
COGNITO: Final = "https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference"


@fact(documented(f"{KMS}/developerguide/deleting-keys.html"), dollars=0.01)
def test_the_alias_of_a_key_that_waits_for_its_deletion_is_still_taken(aws: Aws) -> None:
    kms = aws.client("kms")
    key, alias = aws.dying_key()
    assert kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    with refused("AlreadyExistsException"):
        kms.create_alias(AliasName=alias, TargetKeyId=key)


@fact(documented(f"{KMS}/developerguide/key-state.html"), dollars=0.01)
def test_a_key_that_waits_for_its_deletion_encrypts_nothing(aws: Aws) -> None:
    kms = aws.client("kms")
    key, _ = aws.dying_key()
    with refused("KMSInvalidStateException", "pending deletion"):
        kms.encrypt(KeyId=key, Plaintext=b"x")
    kms.cancel_key_deletion(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"


@fact(documented(f"{S3}/userguide/delete-bucket.html"))
def test_a_bucket_with_something_in_it_is_not_deleted(aws: Aws) -> None:
    s3 = aws.client("s3")
    name = aws.making("bucket", aws.name("bucket"))
    where = {} if aws.region == "us-east-1" else {"LocationConstraint": aws.region}
    s3.create_bucket(Bucket=name, **({"CreateBucketConfiguration": where} if where else {}))
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=name, Key="a", Body=b"x")
    s3.delete_object(Bucket=name, Key="a")  # its versions stay
    with refused("BucketNotEmpty"):
        s3.delete_bucket(Bucket=name)


@fact(documented(f"{COGNITO}/API_DeleteUserPool.html"))
def test_a_user_pool_with_a_domain_is_not_deleted(aws: Aws) -> None:
    cognito = aws.client("cognito-idp")
    name = aws.making("user pool", aws.name("pool"))
    pool = cognito.create_user_pool(PoolName=name)["UserPool"]["Id"]
    cognito.create_user_pool_domain(Domain=name, UserPoolId=pool)
    with refused("InvalidParameterException", "It has a domain configured"):
        cognito.delete_user_pool(UserPoolId=pool)
