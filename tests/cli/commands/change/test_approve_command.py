"""`tapgen approve`, and what an environment that asks for approvals refuses without them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tapgen import operations
from tapgen.model.approval import approval_in, key_alias, text_of
from tapgen.project import Project
from tests.cli.approving import Approvers
from tests.conftest import aws_client

if TYPE_CHECKING:
    from tapgen.local.client import LocalAws
    from tapgen.model.approval import SignedApproval

pytestmark = pytest.mark.slow

REGION = "us-east-1"
PREFIX = "payments-dev"
ZONE = ("--layer", "zone")


@dataclass
class Bench:
    """`dev` that asks for two approvals, its key, its ledger, and a plan for its zone."""

    run: Any
    tapgen: Any
    options: tuple[str, ...]
    path: Path
    approvers: Approvers

    @property
    def suffix(self) -> str:
        """What suggested commands end with."""
        return f"--envs-dir {self.options[-1]} --local"

    def plan(self, author: str = "carla") -> str:
        """Make a plan as if somebody else had made it: here everybody is the account's root."""
        ran = self.run("plan", *ZONE, "--out", str(self.path), "--quiet")
        assert ran.code == 0, ran.err
        return self.resealed(author)

    def resealed(self, author: str) -> str:
        return self.approvers.resealed(self.path, author)

    def approve(self, *more: str) -> Any:
        return self.tapgen("approve", str(self.path), *self.options, *more)

    def signed(self, person: str, plan_digest: str, **more: Any) -> SignedApproval:
        return self.approvers.signed(person, plan_digest, **more)

    def put(self, one: SignedApproval, text: bytes | None = None) -> None:
        self.approvers.put(one, text)

    def client(self, service: str) -> Any:
        return aws_client(self.approvers.local, service, self.approvers.account, REGION)


@pytest.fixture
def bench(
    local_tapgen: Any, tapgen: Any, project: Path, local_aws: LocalAws, tmp_path: Path
) -> Bench:
    dev = project / "envs" / "dev.yaml"
    account = str(yaml.safe_load(dev.read_text())["account_id"])
    options = ("--local", "--envs-dir", str(project / "envs"))
    approvers = Approvers(local_aws, account, "dev", PREFIX, REGION)
    approvers.prepare()
    dev.write_text(f"{dev.read_text()}\n{approvers.settings}")
    return Bench(local_tapgen, tapgen, options, tmp_path / "plan.json", approvers)


def test_what_is_approved_by_two_others_is_carried_out_and_recorded(bench: Bench) -> None:
    plan_digest = bench.plan()
    asked = bench.approve("--check")
    assert (asked.code, asked.out) == (3, "")
    assert "dev: 0 of 2 approvals" in asked.err
    bench.put(bench.signed("anna", plan_digest, reason="PAY-7"))
    signed = bench.approve("--yes", "--reason", "looked at with Anna")
    assert signed.code == 0
    assert "zone           create, " in signed.err
    assert "root         " in signed.out
    assert "dev: 2 of 2 approvals" in signed.err
    assert f"next: `tapgen deploy --env dev --plan {bench.path} {bench.suffix}`" in signed.err
    again = bench.approve("--yes")
    assert (again.code, "root has already approved it" in again.err) == (0, True)
    asked = json.loads(bench.approve("--check", "--format", "json").out)
    assert (asked["enough"], asked["wanted"], asked["signed"]) == (True, 2, None)
    assert {one["approval"]["reason"] for one in asked["approvals"]} == {
        "PAY-7",
        "looked at with Anna",
    }

    assert bench.approve("--check").code == 0

    # The root has approved it, so it does not deploy it: one of the two counts no more.
    refused = bench.run("deploy", "--plan", str(bench.path), "--yes")
    assert refused.code == 4
    assert "dev needs 2 approvals of this plan, and 1 of 2 counts:" in refused.err
    assert "does not: deploys it" in refused.err
    assert f"`tapgen approve {bench.path} {bench.suffix}`" in refused.err
    bench.put(bench.signed("bob", plan_digest))
    ran = bench.run("deploy", "--plan", str(bench.path), "--yes", "--quiet")
    assert ran.code == 0, ran.err
    shown = bench.run("history", "1").out
    assert "approved tapgen-payments-dev-approve/anna, " in shown
    assert " UTC: PAY-7\n" in shown
    (told,) = json.loads(bench.run("history", "1", "--format", "json").out)["environments"]["dev"][
        "releases"
    ]
    people = {approval_in(one).approval.person for one in told["record"]["begun"]["approvals"]}
    assert (people, told["approvals"]) == ({"anna", "bob"}, 2)
    bench.plan()
    idle = bench.approve("--yes")
    assert (idle.code, "changes nothing, so it needs no approval" in idle.err) == (2, True)
    assert bench.run("deploy", "--plan", str(bench.path), "--yes").code == 0


def test_a_forged_approval_refuses_the_plan(bench: Bench) -> None:
    plan_digest = bench.plan()
    genuine = bench.signed("anna", plan_digest)
    bench.put(bench.signed("bob", plan_digest))
    bench.put(bench.signed("dora", plan_digest))
    edited = text_of(genuine).replace(b'"reason": ""', b'"reason": "all is well"')
    bench.put(genuine, edited)
    key = f"approvals/{plan_digest}/AROA:anna/1.json"
    why = f"{key}: changed after it was signed, or signed with another key"
    for ran in (
        bench.run("deploy", "--plan", str(bench.path), "--yes"),
        bench.approve("--check"),
        bench.approve("--check", "--format", "json"),
    ):
        assert (ran.code, why in ran.err + ran.out) == (4, True)
    another = f"`tapgen plan --env dev --layer zone --out {bench.path} {bench.suffix}`"
    assert another in bench.approve("--check").err


def test_what_no_approved_plan_says_is_refused_and_lifted_in_an_emergency(bench: Bench) -> None:
    refused = bench.run("deploy", *ZONE, "--yes")
    assert refused.code == 4
    assert "a change to dev needs a plan with 2 approvals (deployment.approvals)" in refused.err
    assert f"`tapgen plan --env dev --out FILE --layer zone {bench.suffix}`" in refused.err
    assert f"then `tapgen approve FILE {bench.suffix}`" in refused.err
    assert f"then `tapgen deploy --env dev --plan FILE {bench.suffix}`" in refused.err
    assert bench.run("deploy", *ZONE, "--yes", "--no-approval").code == 2
    emergency = ("--no-approval", "--reason", "the site is down", "--yes", "--quiet")
    assert bench.run("deploy", *ZONE, *emergency).code == 0
    assert bench.run("deploy", *ZONE, "--yes").code == 0  # nothing to do, nothing to approve
    assert bench.run("destroy", *ZONE, "--yes").code == 4
    assert bench.run("destroy", *ZONE, *emergency).code == 0
    found = json.loads(bench.run("history", "1", "--format", "json").out)["environments"]["dev"]
    begun = found["releases"][0]["record"]["begun"]
    assert (begun["lifted"], begun["reason"]) == (["--no-approval"], "the site is down")
    assert "--no-approval" in bench.run("history", "2").out


def test_going_back_is_approved_as_well(bench: Bench, project: Path) -> None:
    emergency = ("--no-approval", "--reason", "the site is down", "--yes", "--quiet")
    assert bench.run("deploy", *ZONE, *emergency).code == 0
    dev = project / "envs" / "dev.yaml"
    dev.write_text(dev.read_text().replace("DEV-001", "DEV-002"))
    assert bench.run("deploy", *ZONE, *emergency).code == 0
    refused = bench.run("rollback", "--yes")
    assert refused.code == 4
    assert f"`tapgen rollback --env dev --out FILE --to 1 {bench.suffix}`" in refused.err
    assert bench.run("rollback", "--out", str(bench.path), "--quiet").code == 0
    plan_digest = bench.resealed("carla")
    signed = bench.approve("--yes")
    assert (signed.code, "CostCenter: DEV-002 -> DEV-001" in signed.err) == (0, True)
    lacking = bench.run("deploy", "--plan", str(bench.path), "--yes")
    assert (lacking.code, "dev needs 2 approvals of this plan" in lacking.err) == (4, True)
    for person in ("anna", "bob"):
        bench.put(bench.signed(person, plan_digest))
    assert bench.run("deploy", "--plan", str(bench.path), "--yes", "--quiet").code == 0
    assert "DEV-002 -> DEV-001" in bench.run("history", "3").out


def test_a_plan_is_not_approved_by_who_made_it_nor_without_an_answer(
    bench: Bench, project: Path
) -> None:
    bench.plan(author="root")
    own = bench.approve("--yes")
    assert (own.code, "root made the plan, and cannot approve it" in own.err) == (4, True)
    plan_digest = bench.plan()
    unasked = bench.approve()
    assert (unasked.code, "no terminal to ask" in unasked.err) == (2, True)
    found = Project(local=True, envs=project / "envs", remember=False)
    declined = operations.approve(found, bench.path, operations.Recorder(answer=False))
    assert (declined.agreed, declined.signed) == (False, False)
    assert json.loads(bench.approve("--check", "--format", "json").out)["approvals"] == []
    bench.client("kms").delete_alias(AliasName=key_alias(PREFIX))
    keyless = bench.approve("--yes")
    assert (keyless.code, "there is no key alias/tapgen-payments-dev-approvals" in keyless.err) == (
        1,
        True,
    )
    dev = project / "envs" / "dev.yaml"
    dev.write_text(dev.read_text().replace("  approvals: 2\n", ""))
    unwanted = bench.approve("--yes")
    assert (unwanted.code, "dev requires no approvals" in unwanted.err) == (2, True)
    assert bench.run("deploy", "--plan", str(bench.path), "--yes", "--quiet").code == 0
    (told,) = json.loads(bench.run("history", "--format", "json").out)["environments"]["dev"][
        "releases"
    ]
    assert (told["plan_digest"], told["approvals"]) == (plan_digest, 0)


def test_others_are_told_of_a_plan_that_takes_approvals(bench: Bench, project: Path) -> None:
    sns, sqs = bench.client("sns"), bench.client("sqs")
    topic = sns.create_topic(Name="approvals-wanted")["TopicArn"]
    queue = sqs.create_queue(QueueName="approvals-wanted")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{bench.approvers.account}:approvals-wanted"
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    dev = project / "envs" / "dev.yaml"
    dev.write_text(f"{dev.read_text()}  notify: {topic}\n")
    ran = bench.run("plan", *ZONE, "--out", str(bench.path), "--quiet")
    assert (ran.code, "note:" in ran.err) == (0, False)
    (message,) = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    told = json.loads(json.loads(message["Body"])["Message"])
    assert (told["event"], told["approvals"], told["layers"]) == ("approval-wanted", 2, ["zone"])
    assert told["plan_digest"] == json.loads(bench.path.read_text())["digest"]
    assert told["next"] == f"tapgen approve {bench.path} {bench.suffix}"
    assert bench.run("plan", *ZONE, "--quiet").code == 0
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)  # nobody keeps that one
