"""Settings that are secrets of Secrets Manager: who looks for them, and who gets them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.stub import Stubber

from tapgen.cli.views.runs.outcomes import plan_record
from tapgen.deploy.flow.host import SILENT
from tapgen.deploy.observe.verify import verify_stacks
from tapgen.deploy.plan import plan_files
from tapgen.deploy.plan.unchanged import no_op_plan
from tapgen.deploy.target.elsewhere import refuse_unreadable
from tapgen.errors import TapgenError
from tapgen.iam.policies import Roles, deployer, reviewer
from tapgen.iam.scope import Scope
from tapgen.model.deployed.events import Created, Updated
from tapgen.model.limits import SECRET_LOCATOR
from tapgen.model.templates.template import Template
from tapgen.payments.platform import PLATFORM
from tapgen.settings.faults import Source

if TYPE_CHECKING:
    from pathlib import Path

    from tapgen.deploy.target.target import Target
    from tapgen.model.stack import Stack
    from tests.lab import Lab

HIDDEN = "hunter2-and-no-other"
OTHER = "a1b2c3d4-5678-90ab-cdef-1234567890ab"


def stack(lab: Lab, locator: str = "shop/db:SecretString:password") -> Stack:
    """A stack with a secret in a property, as `Blueprint.secret` lets CloudFormation put it in."""
    value = {"Fn::Sub": "{{resolve:secretsmanager:${Password}}}"}
    made = lab.stack(
        "api",
        {"Note": lab.note(value), "Other": lab.note("a")},
        parameters={"Password": locator},
        settings={"Password": "db.password"},
    )
    document = made.template.document
    document["Parameters"]["Password"]["AllowedPattern"] = SECRET_LOCATOR
    return replace(made, template=Template("api", json.dumps(document)))


def keep(lab: Lab, name: str = "shop/db", value: str = HIDDEN, region: str = "us-east-1") -> str:
    client = lab.client("secretsmanager", region)
    made = client.create_secret(Name=name, SecretString=json.dumps({"password": value}))
    return str(made["VersionId"])


def refusal(target: Target) -> str:
    with pytest.raises(TapgenError) as refused:
        refuse_unreadable(target, target.stacks)
    return refused.value.message


def value_of(lab: Lab) -> Any:
    (resource,) = [
        one
        for one in lab.client("cloudformation").list_stack_resources(StackName="lab-api")[
            "StackResourceSummaries"
        ]
        if one["LogicalResourceId"] == "Note"
    ]
    name = resource["PhysicalResourceId"]
    return lab.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]


def test_cloudformation_reads_it_and_nobody_else_shows_it(lab: Lab, tmp_path: Path) -> None:
    version = keep(lab)
    work = lab.deployment(stack(lab), mark="-kept")
    plan = lab.plan(work)
    told = json.dumps(plan_record(plan), default=str)
    assert "shop/db:SecretString:password" in told
    plan_files.save(plan, tmp_path / "plan.json", work.run.target)
    done = work.carry_out(plan, SILENT)
    assert isinstance(done["api"], Created)
    assert value_of(lab) == HIDDEN

    everything = [
        told,
        (tmp_path / "plan.json").read_text(),
        stack(lab).to_json(),
        str(verify_stacks(lab.target(stack(lab)))),
        str(lab.client("cloudformation").describe_stacks()["Stacks"]),
        str(done),
    ]
    assert [text for text in everything if HIDDEN in text] == []
    assert [check for check in verify_stacks(lab.target(stack(lab))) if check.ok is False] == []

    pinned = stack(lab, f"shop/db:SecretString:password::{version}")
    run = lab.run(pinned)
    assert no_op_plan(run, run.target.graph) is None
    again = lab.deployment(pinned)
    assert isinstance(again.carry_out(lab.plan(again), SILENT)["api"], Updated)


def test_a_new_value_is_nothing_to_do_until_somebody_asks_for_its_version(lab: Lab) -> None:
    keep(lab)
    lab.deploy(stack(lab))
    client = lab.client("secretsmanager")
    text = json.dumps({"password": "another"})
    version = client.put_secret_value(SecretId="shop/db", SecretString=text)["VersionId"]
    assert not lab.plan(lab.deployment(stack(lab))).has_changes
    assert value_of(lab) == HIDDEN
    lab.deploy(stack(lab, f"shop/db:SecretString:password::{version}"))
    assert value_of(lab) == "another"


def test_what_is_wrong_with_secrets_is_told_at_once(lab: Lab) -> None:
    keep(lab)
    keep(lab, "shop/dying")
    lab.client("secretsmanager").delete_secret(SecretId="shop/dying", RecoveryWindowInDays=7)
    locators = [
        "shop/gone:SecretString",
        "shop/dying:SecretString:a",
        f"shop/db:SecretString:::{OTHER}",
    ]
    stacks = [
        replace(stack(lab, locator), layer=f"l{number}", name=f"lab-l{number}")
        for number, locator in enumerate(locators)
    ]
    away = replace(stack(lab), layer="away", name="lab-away", region="eu-west-1")
    target = lab.target(*stacks, away)
    target = replace(target, places={"db.password": Source("envs/lab.yaml", 3, 13)})
    gone, dying, version, elsewhere = refusal(target).splitlines()
    here, where = "envs/lab.yaml:3:13: db.password: ", f"in account {lab.account}, us-east-1"
    shell = '`eval "$(tapgen local env --env lab)" && aws secretsmanager'
    assert gone == (
        f"{here}there is no secret shop/gone {where}; {shell} create-secret --region us-east-1 "
        "--name shop/gone --secret-string file://FILE` creates it"
    )
    assert dying == (
        f"{here}the secret shop/dying {where} is scheduled for deletion; {shell} restore-secret "
        "--region us-east-1 --secret-id shop/dying` keeps it"
    )
    assert version == (
        f"{here}the secret shop/db {where} has no version {OTHER}; {shell} "
        "list-secret-version-ids --region us-east-1 --secret-id shop/db` lists its versions"
    )
    assert f"there is no secret shop/db in account {lab.account}, eu-west-1" in elsewhere


def test_it_is_found_by_its_arn_and_in_the_region_of_the_stack(lab: Lab) -> None:
    keep(lab, region="eu-west-1")
    arn = lab.client("secretsmanager", "eu-west-1").describe_secret(SecretId="shop/db")["ARN"]
    away = replace(stack(lab, f"{arn}:SecretString:password"), region="eu-west-1")
    assert away.read_secrets == (("Password", arn, ""),)
    target = lab.target(away)
    refuse_unreadable(target, target.stacks)
    assert "there is no secret" in refusal(lab.target(replace(away, region="us-east-1")))


def test_who_may_not_look_for_a_secret_is_told_so(lab: Lab) -> None:
    target = lab.target(stack(lab))
    with Stubber(target.account.client("secretsmanager", "us-east-1")) as aws:
        aws.add_client_error("describe_secret", "AccessDeniedException")
        assert refusal(target).startswith("looking for the secret shop/db: ")


# --- permissions ----------------------------------------------------------------------------------


def granted(made: Any, action: str) -> list[tuple[list[str], Any]]:
    return [
        (one["Resource"], one.get("Condition"))
        for policy in made
        for one in policy.document["Statement"]
        if action in one["Action"]
    ]


def test_only_whoever_makes_the_stack_may_read_it(lab: Lab) -> None:
    template = stack(lab).template
    environment = replace(
        stack(lab), tags={"Environment": "lab", "Project": "shop", "Layer": "api"}
    )
    arn = f"arn:aws:secretsmanager:us-east-1:{lab.account}:secret:shop/db-??????"
    deploys = deployer(PLATFORM, [environment], Roles())
    reviews = reviewer(PLATFORM, [environment], Roles())
    assert granted(deploys, "secretsmanager:GetSecretValue") == [([arn], None)]
    assert granted(reviews, "secretsmanager:GetSecretValue") == []
    assert granted(reviews, "secretsmanager:DescribeSecret") == [([arn], None)]
    ((_, condition),) = granted(deploys, "kms:Decrypt")
    assert condition == {
        "StringEquals": {"kms:ViaService": ["secretsmanager.us-east-1.amazonaws.com"]}
    }
    assert template.parameters["Password"]["AllowedPattern"] == SECRET_LOCATOR


def test_own_secrets_stay_among_those_that_can_be_looked_at(lab: Lab) -> None:
    own = lab.stack(
        "own",
        {"It": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "lab/mine"}}},
    )
    action = "secretsmanager:DescribeSecret"
    alone, both = Scope([own]).arns(action), Scope([own, stack(lab)]).arns(action)
    assert set(both) - set(alone) == {
        f"arn:aws:secretsmanager:us-east-1:{lab.account}:secret:shop/db-??????"
    }
    deleting = "secretsmanager:DeleteSecret"
    assert Scope([own, stack(lab)]).arns(deleting) == Scope([own]).arns(deleting)


def test_a_secret_of_another_account_is_named_whole(lab: Lab) -> None:
    arn = "arn:aws:secretsmanager:eu-west-1:222222222222:secret:a-AbCdEf"
    assert Scope([stack(lab, f"{arn}:SecretString")]).read_secrets == (arn,)
