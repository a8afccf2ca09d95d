"""What `tapgen bootstrap` makes, where IAM is enforced: who deploys, who looks, who signs.

An administrator makes it; jobs of the CI take their roles by tokens of an identity provider, and
approvers theirs by being named.
"""

from __future__ import annotations

import base64
import configparser
import json
import os
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from tapgen import operations
from tapgen.cli.views.pages.evidence import write
from tapgen.deploy.flow.events import RollsBack
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.approval import approval_in
from tapgen.model.deployed.events import Created, Failed, Unchanged, Updated
from tapgen.model.plan import Planned
from tapgen.operations.record.releases import History
from tapgen.project import Project
from tests.conftest import ENVS, SESSION, aws_client

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tapgen.local.client import LocalAws
    from tapgen.operations.audit.evidence import Evidence

pytestmark = pytest.mark.slow

ACCOUNT = "777777777777"
REGION = "us-east-1"
RELEASES = f"releases/{REGION}/payments-dev/"
ISSUER = "https://token.actions.githubusercontent.com"
DEPLOYING = "repo:acme/payments:environment:dev"
DIGEST = {
    "Message": bytes(32),
    "MessageType": "DIGEST",
    "SigningAlgorithm": "ECDSA_SHA_256",
}


@dataclass
class Prepared:
    """An account with a baseline, its outputs, and ways to be somebody in it."""

    local: LocalAws
    folder: Path
    outputs: Mapping[str, str]
    account: str = ACCOUNT

    def project(self, who: str | None) -> Project:
        return Project.find(self.folder, local=True, profile=who, remember=False)

    def client(self, service: str, who: str | None = None) -> Any:
        """A client of somebody; of the account's root, where nobody is named."""
        if who is None:
            return aws_client(self.local, service, self.account, REGION)
        return SESSION.client(  # type: ignore[call-overload]
            service, endpoint_url=self.local.endpoint_url, region_name=REGION, **credentials(who)
        )

    def by_token(self, who: str, role: str, subject: str, audience: str = "") -> None:
        """Let a job of the CI take a role, and be known by a profile."""
        sts = SESSION.client(
            "sts",
            endpoint_url=self.local.endpoint_url,
            region_name=REGION,
            config=Config(signature_version=UNSIGNED),
        )
        given = sts.assume_role_with_web_identity(
            RoleArn=self.outputs[role],
            RoleSessionName=who,
            WebIdentityToken=token(subject, audience or "sts.amazonaws.com"),
        )
        remember(who, given["Credentials"])

    def by_role(self, who: str, role: str, caller: str, name: str = "") -> None:
        """Let somebody take a role, under a name of their own."""
        given = self.client("sts", caller).assume_role(RoleArn=role, RoleSessionName=name or caller)
        remember(who, given["Credentials"])

    def person(self, name: str) -> None:
        """Make a role that may take any other that trusts it, and be it."""
        iam = self.client("iam")
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole"}
        root = {"Principal": {"AWS": f"arn:aws:iam::{self.account}:root"}}
        trust, allowed = statement | root, statement | {"Resource": "*"}
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(allowed))
        user = f"{name}-user"
        iam.create_user(UserName=user)
        iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=document(allowed))
        key = iam.create_access_key(UserName=user)["AccessKey"]
        remember(user, {**key, "SessionToken": ""})
        self.by_role(name, made["Role"]["Arn"], user, name)


def document(statement: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def token(subject: str, audience: str) -> str:
    claims = {"iss": ISSUER, "sub": subject, "aud": audience, "exp": time.time() + 600}
    parts = [json.dumps(part).encode() for part in ({"alg": "RS256"}, claims)]
    return b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts).decode() + ".c"


def remember(who: str, given: Mapping[str, str]) -> None:
    """Keep credentials as a profile, for tapgen too."""
    path = Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"])
    profiles = configparser.ConfigParser()
    profiles.read(path)
    profiles[who] = {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
    }
    if given["SessionToken"]:
        profiles[who]["aws_session_token"] = given["SessionToken"]
    with path.open("w") as file:
        profiles.write(file)


def credentials(who: str) -> dict[str, str]:
    profiles = configparser.ConfigParser()
    profiles.read(os.environ["AWS_SHARED_CREDENTIALS_FILE"])
    return dict(profiles[who])


@pytest.fixture(scope="module")
def prepared(enforcing: LocalAws) -> Prepared:
    """dev in an account that an administrator has prepared, and everybody there is."""
    folder = enforcing.directory.parents[1]
    shutil.copytree(ENVS, folder / "envs")
    (folder / "tapgen.toml").write_text(
        '[bootstrap]\nrepository = "acme/payments"\n'
        'approvers = ["arn:aws:iam::{account}:role/lead*"]\n'
    )
    dev = folder / "envs" / "dev.yaml"
    text = dev.read_text().replace('"111111111111"', f'"{ACCOUNT}"')
    dev.write_text(text.replace("domain: dev.api.example.com", "domain: bootstrap.example.com"))
    found = Prepared(enforcing, folder, {})
    done = operations.bootstrap(found.project(None), ["dev"], operations.Recorder())
    outcome = done.outcomes["dev"]["bootstrap"]
    assert isinstance(outcome, Created)
    found.outputs = outcome.outputs
    dev.write_text(
        f"{dev.read_text()}\ndeployment:\n  role_arn: {found.outputs['CloudFormationRoleArn']}\n"
        f"  permission_boundary: {found.outputs['BoundaryName']}\n"
        f"  ledger: {found.outputs['LedgerBucketName']}\n"
    )
    found.by_token("deploying", "DeployRoleArn", DEPLOYING)
    found.by_token("reviewing", "ReviewRoleArn", "repo:acme/payments:pull_request")
    for name in ("lead-anna", "lead-bob", "stranger"):
        found.person(name)
    found.by_role("approving", found.outputs["ApproveRoleArn"], "lead-anna")
    found.by_role("approving-too", found.outputs["ApproveRoleArn"], "lead-bob")
    return found


@pytest.fixture(scope="module")
def running(prepared: Prepared) -> Prepared:
    """dev, deployed by the role that is for it."""
    host = operations.Recorder()
    done = operations.deploy(prepared.project("deploying"), ["dev"], host)
    assert {type(one) for one in done.outcomes["dev"].values()} == {Created}
    return prepared


@pytest.mark.parametrize(
    ("subject", "audience"),
    [
        ("repo:acme/payments:environment:prod", ""),
        ("repo:acme/payments:ref:refs/heads/main", ""),
        ("repo:acme/payments-fork:environment:dev", ""),
        (DEPLOYING, "somebody else"),
    ],
)
def test_no_other_job_takes_the_deploying_role(
    prepared: Prepared, subject: str, audience: str
) -> None:
    with pytest.raises(ClientError, match=r"AccessDenied|InvalidIdentityToken"):
        prepared.by_token("nobody", "DeployRoleArn", subject, audience)


def test_any_job_of_the_repository_may_look_and_of_no_other(prepared: Prepared) -> None:
    prepared.by_token("looking", "ReviewRoleArn", "repo:acme/payments:ref:refs/heads/topic")
    with pytest.raises(ClientError, match="AccessDenied"):
        prepared.by_token("nobody", "ReviewRoleArn", "repo:acme/payments-fork:pull_request")


@pytest.mark.parametrize("who", ["stranger", "deploying", "reviewing"])
def test_nobody_approves_who_is_not_named(prepared: Prepared, who: str) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        prepared.by_role("nobody", prepared.outputs["ApproveRoleArn"], who)


def test_nobody_approves_under_a_name_that_is_not_their_own(prepared: Prepared) -> None:
    role = prepared.outputs["ApproveRoleArn"]
    for caller, name in (("lead-anna", "lead-bob"), ("lead-anna", "anna"), ("lead-bob", "bob")):
        with pytest.raises(ClientError, match="AccessDenied"):
            prepared.by_role("nobody", role, caller, name)


def test_what_was_deployed_is_looked_at_and_planned_by_the_reviewer(running: Prepared) -> None:
    project, host = running.project("reviewing"), operations.Recorder()
    assert operations.drift(project, "dev").is_clean
    dev = running.folder / "envs" / "dev.yaml"
    before = dev.read_text()
    try:
        dev.write_text(before.replace("logs_days: 7", "logs_days: 14"))
        planned = operations.plan(running.project("reviewing"), ["dev"], host)
        kinds = {type(entry) for entry in planned.plans["dev"].entries.values()}
        assert Planned in kinds
        done = operations.deploy(running.project("reviewing"), ["dev"], host)
        ended = {type(outcome) for outcome in done.outcomes["dev"].values()}
        assert Failed in ended
        assert Updated not in ended
    finally:
        dev.write_text(before)


def test_an_approver_signs_and_cannot_deploy(running: Prepared) -> None:
    key = running.outputs["ApprovalKeyArn"]
    signed = running.client("kms", "approving").sign(KeyId=key, **DIGEST)["Signature"]
    for who in ("approving", "deploying", "reviewing"):
        answer = running.client("kms", who).verify(KeyId=key, **DIGEST, Signature=signed)
        assert answer["SignatureValid"]
    with pytest.raises(TapgenError, match="AccessDenied"):
        operations.deploy(running.project("approving"), ["dev"], operations.Recorder())
    with pytest.raises(ClientError, match="AccessDenied"):
        running.client("cloudformation", "approving").execute_change_set(
            StackName="payments-dev-data", ChangeSetName="any"
        )


@pytest.mark.parametrize("who", ["deploying", "reviewing", "lead-anna"])
def test_nobody_signs_who_does_not_approve(running: Prepared, who: str) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        running.client("kms", who).sign(KeyId=running.outputs["ApprovalKeyArn"], **DIGEST)


def test_who_deploys_changes_nothing_of_the_baseline(running: Prepared) -> None:
    key, ledger = running.outputs["ApprovalKeyArn"], running.outputs["LedgerBucketName"]
    policy = {"KeyId": key, "PolicyName": "default", "Policy": "{}"}
    stack = {"StackName": "tapgen-payments-dev-bootstrap"}
    role = {"RoleName": "tapgen-payments-dev-approve", "PolicyDocument": "{}"}
    refused = [
        ("kms", "put_key_policy", policy),
        ("kms", "schedule_key_deletion", {"KeyId": key}),
        ("cloudformation", "delete_stack", stack),
        ("iam", "update_assume_role_policy", role),
        ("s3", "put_bucket_policy", {"Bucket": ledger, "Policy": "{}"}),
        ("s3", "delete_bucket", {"Bucket": ledger}),
    ]
    for service, method, arguments in refused:
        with pytest.raises(ClientError, match="AccessDenied"):
            getattr(running.client(service, "deploying"), method)(**arguments)


def test_who_deploys_writes_a_record_into_the_ledger_of_the_account(running: Prepared) -> None:
    ledger = running.outputs["LedgerBucketName"]
    told = operations.history(running.project("reviewing"), ["dev"])["dev"]
    assert isinstance(told, History)
    assert (told.ledger, told.disagreements) == (f"s3://{ledger}", {})
    first = told.releases[-1]
    assert (first.begun.release, first.begun.command) == (1, "deploy")
    assert first.begun.caller.endswith(":assumed-role/tapgen-payments-dev-deploy/deploying")
    assert first.ended is not None
    assert first.ended.outcome == "succeeded"
    kept = objects(running)
    assert {f"{RELEASES}000001-begun.json", f"{RELEASES}000001-ended.json"} <= kept.keys()
    assert set(first.begun.content) <= kept.keys()


def test_nobody_takes_a_record_back(running: Prepared) -> None:
    bucket = {"Bucket": running.outputs["LedgerBucketName"]}
    for key, version in objects(running).items():
        locked = running.client("s3").head_object(**bucket, Key=key)
        assert locked["ObjectLockMode"] == "GOVERNANCE"
        for who in ("deploying", "reviewing", "approving"):
            s3 = running.client("s3", who)
            with pytest.raises(ClientError, match="AccessDenied"):
                s3.delete_object(**bucket, Key=key)
            named = {**bucket, "Key": key, "VersionId": version}
            with pytest.raises(ClientError, match="AccessDenied"):
                s3.delete_object(**named, BypassGovernanceRetention=True)
            assert s3.get_object(**named)["Body"].read()


def test_each_role_writes_what_is_its_own(running: Prepared) -> None:
    """Whoever deploys writes no approval, whoever approves no record, and who reviews nothing."""
    own, other = (approvals_of(running, who) for who in ("approving", "approving-too"))
    mine = {"deploying": {"content/1", f"{RELEASES}1"}, "approving": {own}}
    for who in ("deploying", "reviewing", "approving"):
        s3 = running.client("s3", who)
        for key in (own, other, "approvals/1", "content/1", f"{RELEASES}1", "1"):
            named = {"Bucket": running.outputs["LedgerBucketName"], "Key": key, "Body": b"{}"}
            if key in mine.get(who, ()):
                s3.put_object(**named, IfNoneMatch="*")
            else:
                with pytest.raises(ClientError, match="AccessDenied"):
                    s3.put_object(**named, IfNoneMatch="*")


def test_nobody_puts_a_later_version_over_what_is_written(running: Prepared) -> None:
    """Object Lock keeps every version, and would not keep anybody from putting another on top."""
    bucket = running.outputs["LedgerBucketName"]
    s3 = running.client("s3", "deploying")
    named = {"Bucket": bucket, "Key": f"{RELEASES}000001-begun.json", "Body": b"{}"}
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_object(**named)
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(**named, IfNoneMatch="*")
    new = {"Bucket": bucket, "Key": "content/in-parts"}
    upload = s3.create_multipart_upload(**new)["UploadId"]
    part = s3.upload_part(**new, UploadId=upload, PartNumber=1, Body=b"{}")
    parts = {"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]}
    whole = {**new, "UploadId": upload, "MultipartUpload": parts}
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.complete_multipart_upload(**whole)
    s3.complete_multipart_upload(**whole, IfNoneMatch="*")
    assert f"{RELEASES}000001-begun.json" in objects(running)


def test_a_plan_is_carried_out_when_two_others_have_signed_it(running: Prepared) -> None:
    """Who reviews plans, two approve, and who deploys carries it out; nobody does two of these."""
    dev, path = running.folder / "envs" / "dev.yaml", running.folder / "plan.json"
    changed = dev.read_text().replace("logs_days: 7", "logs_days: 14")
    dev.write_text(f"{changed}  approvals: 2\n")
    host = operations.Recorder()
    operations.plan(running.project("reviewing"), ["dev"], host, out=path)
    deploying = running.project("deploying")

    with pytest.raises(RefusedError, match="dev needs 2 approvals of this plan, and has none"):
        operations.deploy_plan(deploying, path, host)
    with pytest.raises(RefusedError, match="reviewing made the plan, and cannot approve it"):
        operations.approve(running.project("reviewing"), path, host)
    with pytest.raises(TapgenError, match="AccessDeniedException: these credentials are not"):
        operations.approve(deploying, path, host)

    first = operations.approve(running.project("approving"), path, host)
    again = operations.approve(running.project("approving"), path, host)
    assert (first.signed, again.signed, first.judged.enough) == (True, False, False)
    with pytest.raises(RefusedError, match=r"1 of 1 counts:\n  lead-anna .* counts"):
        operations.deploy_plan(deploying, path, host)
    second = operations.approve(running.project("approving-too"), path, host)
    assert second.judged.enough

    with pytest.raises(TapgenError, match="AccessDenied"):
        operations.deploy_plan(running.project("approving"), path, host)
    done = operations.deploy_plan(deploying, path, host)
    assert {type(one) for one in done.outcomes["dev"].values()} == {Unchanged, Updated}
    told = operations.history(running.project("reviewing"), ["dev"], most=1)["dev"]
    assert isinstance(told, History)
    signed = [approval_in(one).approval for one in told.releases[0].begun.approvals]
    assert [one.person for one in signed] == ["lead-anna", "lead-bob"]
    assert {one.plan_digest for one in signed} == {told.releases[0].begun.plan_digest}


def test_who_reviews_gathers_evidence_and_an_approver_signs_it(
    running: Prepared, tmp_path: Path
) -> None:
    path = tmp_path / "evidence.zip"
    found = operations.evidence(running.project("reviewing"), "dev", None, None)
    assert found.problems == ()
    access = found.access
    read = [*access["roles"].values(), access["approval_key"], access["ledger"]]
    assert [one["problem"] for one in read if "problem" in one] == []
    assert {one["approval"]["approver"].rpartition("/")[2] for one in approved(found)} == {
        "lead-anna",
        "lead-bob",
    }
    write(found, {}, path)
    with pytest.raises(TapgenError, match="these credentials are not"):
        operations.sign_evidence(running.project("reviewing"), "dev", path)
    signed = operations.sign_evidence(running.project("approving"), "dev", path)
    assert signed.attestation.signer.endswith("/tapgen-payments-dev-approve/lead-anna")


def approved(found: Evidence) -> list[Any]:
    """The approvals in evidence."""
    return [
        json.loads(text) for key, text in found.documents.items() if key.startswith("approvals/")
    ]


def test_a_bad_release_is_rolled_back_by_a_plan_that_was_approved(running: Prepared) -> None:
    dev, path = running.folder / "envs" / "dev.yaml", running.folder / "back.json"
    host = operations.Recorder()
    good = dev.read_text().replace("  approvals: 2\n", "")
    dev.write_text(re.sub(r"logs_days: \d+", "logs_days: 30", good))
    bad = operations.deploy(running.project("deploying"), ["dev"], host)
    assert Failed not in {type(one) for one in bad.outcomes["dev"].values()}

    dev.write_text(f"{dev.read_text()}  approvals: 2\n")
    with pytest.raises(RefusedError, match=r"dev .* approv"):
        operations.rollback(running.project("deploying"), "dev", host)
    made = operations.rollback(running.project("reviewing"), "dev", host, out=path)
    assert made.release == bad.releases["dev"] - 1
    for who in ("approving", "approving-too"):
        told = operations.Recorder()
        operations.approve(running.project(who), path, told)
        assert [one.release for one in told.events if isinstance(one, RollsBack)] == [made.release]
    done = operations.deploy_plan(running.project("deploying"), path, host)
    assert {type(one) for one in done.outcomes["dev"].values()} == {Unchanged, Updated}
    assert operations.drift(running.project("reviewing"), "dev").is_clean
    dev.write_text(good)
    again = operations.plan(running.project("reviewing"), ["dev"], host)
    assert not again.has_changes  # it is what it was before


def approvals_of(prepared: Prepared, who: str) -> str:
    """The key of an approval in the folder of somebody."""
    return f"approvals/0/{prepared.client('sts', who).get_caller_identity()['UserId']}/1.json"


def objects(prepared: Prepared) -> dict[str, str]:
    """The keys of the ledger -> the version of each; nothing was ever written twice."""
    listing = prepared.client("s3").list_object_versions(
        Bucket=prepared.outputs["LedgerBucketName"]
    )
    assert not listing.get("DeleteMarkers")
    found = [(one["Key"], one["VersionId"]) for one in listing["Versions"]]
    assert len(found) == len(dict(found))
    return dict(found)
