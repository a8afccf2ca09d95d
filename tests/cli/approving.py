"""Plans that somebody else has made and others have approved: here everybody is the root."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tapgen.aws.account import Account, Connection
from tapgen.aws.baseline.approval_key import ApprovalKey
from tapgen.deploy.plan.plan_file import digest
from tapgen.model.approval import Approval, SignedApproval, key_alias, signed_text, text_of
from tapgen.model.release import TIME
from tests.conftest import aws_client

if TYPE_CHECKING:
    from tapgen.local.client import LocalAws


@dataclass(frozen=True)
class Approvers:
    """Who approves plans of an environment, in its account of the local AWS."""

    local: LocalAws
    account: str
    environment: str
    prefix: str
    region: str

    @property
    def bucket(self) -> str:
        """The environment's ledger."""
        return f"ledger-{self.account}"

    @property
    def settings(self) -> str:
        """What the environment's file says: plans need two approvals."""
        return f"deployment:\n  approvals: 2\n  ledger: {self.bucket}\n"

    def prepare(self) -> None:
        """Make the ledger, and the key."""
        self._client("s3").create_bucket(
            Bucket=self.bucket,
            **(
                {}
                if self.region == "us-east-1"
                else {"CreateBucketConfiguration": {"LocationConstraint": self.region}}
            ),
        )
        kms = self._client("kms")
        key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
        kms.create_alias(AliasName=key_alias(self.prefix), TargetKeyId=key["KeyId"])

    def resealed(self, path: Path, author: str) -> str:
        """Let a plan file be by somebody else; gives its digest."""
        document = json.loads(path.read_text())
        document["author"] = f"arn:aws:iam::{self.account}:user/{author}"
        document["digest"] = digest(document)
        path.write_text(json.dumps(document))
        return str(document["digest"])

    def signed(self, person: str, plan_digest: str, **more: Any) -> SignedApproval:
        """The approval of a plan by somebody."""
        role = f"arn:aws:sts::{self.account}:assumed-role/tapgen-{self.prefix}-approve"
        told: dict[str, Any] = {
            "approver": f"{role}/{person}",
            "user_id": f"AROA:{person}",
            "signed": datetime.now(UTC).strftime(TIME),
        }
        approval = Approval(
            environment=self.environment,
            account_id=self.account,
            region=self.region,
            prefix=self.prefix,
            plan_digest=plan_digest,
            **{**told, **more},
        )
        account = Account(self.account, Connection(None, self.local.endpoint_url, local=True))
        key = ApprovalKey(account, self.region, self.prefix)
        return SignedApproval(approval, *key.sign(signed_text(approval)))

    def put(self, one: SignedApproval, text: bytes | None = None) -> None:
        """Write an approval to the ledger."""
        folder = f"approvals/{one.approval.plan_digest}/{one.approval.user_id}"
        self._client("s3").put_object(
            Bucket=self.bucket, Key=f"{folder}/1.json", Body=text or text_of(one)
        )

    def _client(self, service: str) -> Any:
        return aws_client(self.local, service, self.account, self.region)
