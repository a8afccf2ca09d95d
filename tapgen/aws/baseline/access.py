"""Who may do what in an environment, according to AWS: roles, approval key and ledger."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from tapgen.aws.account import Account
from tapgen.aws.errors import explained
from tapgen.errors import TapgenError
from tapgen.model.approval import key_alias
from tapgen.model.limits import GLOBAL_REGION


class Access:
    """Reads who may review, deploy and approve, and what protects the ledger from changes."""

    def __init__(self, account: Account, region: str) -> None:
        self._account = account
        self._region = region

    def roles(self, names: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Name of a role -> who may assume it (`trust`), and its policies.

        `inline` and `attached` are policy documents by name and by ARN, `boundary` is an ARN whose
        document is among `attached`. A role that cannot be read has its `problem` instead.
        """
        return {name: _or_problem(partial(self._role, name)) for name in names}

    def key(self, prefix: str) -> dict[str, Any]:
        """The approval key and its policy, or the `problem`."""
        return _or_problem(partial(self._key, key_alias(prefix)))

    def ledger(self, bucket: str) -> dict[str, Any]:
        """The protection of a bucket's objects: versioning, Object Lock, policy; or `problem`."""
        return _or_problem(partial(self._ledger, bucket))

    def _role(self, name: str) -> dict[str, Any]:
        client = self._account.client("iam", GLOBAL_REGION)
        with explained(f"reading the role {name}"):
            found = client.get_role(RoleName=name)["Role"]
            inline = {
                policy: client.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
                for page in client.get_paginator("list_role_policies").paginate(RoleName=name)
                for policy in page["PolicyNames"]
            }
            attached = [
                policy["PolicyArn"]
                for page in client.get_paginator("list_attached_role_policies").paginate(
                    RoleName=name
                )
                for policy in page["AttachedPolicies"]
            ]
            boundary = found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")
            documents = {}
            for arn in sorted({*attached, boundary} - {""}):
                version = client.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
                answer = client.get_policy_version(PolicyArn=arn, VersionId=version)
                documents[arn] = answer["PolicyVersion"]["Document"]
        return {
            "arn": found["Arn"],
            "trust": found["AssumeRolePolicyDocument"],
            "inline": inline,
            "attached": documents,
            "boundary": boundary,
        }

    def _key(self, alias: str) -> dict[str, Any]:
        client = self._account.client("kms", self._region)
        with explained(f"reading the key {alias}"):
            found = client.describe_key(KeyId=alias)["KeyMetadata"]
            policy = client.get_key_policy(KeyId=found["KeyId"], PolicyName="default")["Policy"]
        return {
            "arn": found["Arn"],
            "spec": found["KeySpec"],
            "state": found["KeyState"],
            "policy": json.loads(policy),
        }

    def _ledger(self, bucket: str) -> dict[str, Any]:
        client = self._account.client("s3", self._region)
        named = {"Bucket": bucket, "ExpectedBucketOwner": self._account.account_id}
        with explained(f"reading the bucket {bucket}"):
            versioning = client.get_bucket_versioning(**named)
            lock = client.get_object_lock_configuration(**named)
            policy = client.get_bucket_policy(**named)["Policy"]
        return {
            "bucket": bucket,
            "versioning": versioning.get("Status", "Disabled"),
            "object_lock": lock["ObjectLockConfiguration"],
            "policy": json.loads(policy),
        }


def _or_problem(read: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The result of `read`, or the `problem`: evidence states what is unknown."""
    try:
        return read()
    except TapgenError as error:
        return {"problem": error.message}
