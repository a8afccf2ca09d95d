"""Preparing accounts of the local AWS: what is made, found, left alone and refused."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tapgen import operations
from tapgen.deploy.bootstrap.check import Verdict
from tapgen.errors import TapgenError
from tapgen.model.deployed.events import Created, Unchanged, Updated
from tapgen.model.plan import Planned
from tapgen.operations.accounts import settings_of
from tapgen.project import Project
from tests.conftest import aws_client
from tests.environment_files import set_apart

if TYPE_CHECKING:
    from pathlib import Path

    from tapgen.local.client import LocalAws
    from tapgen.operations.deployment import Deployed

REGION = "us-east-1"
ISSUER = "https://token.actions.githubusercontent.com"
ALICE = "arn:aws:iam::{account}:role/alice"
slow = pytest.mark.slow


@pytest.fixture
def configured(project: Path, local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project that says whose CI is trusted, with dev and staging in one account."""
    account = set_apart(project / "envs" / "dev.yaml", 8)
    staging = project / "envs" / "staging.yaml"
    apart = set_apart(staging, 8)
    text = staging.read_text().replace(f'"{apart}"', f'"{account}"')
    own_api = re.sub(r"^api:$", "api:\n  manage_account_logging: false", text, flags=re.MULTILINE)
    staging.write_text(own_api)
    configuration = f'[bootstrap]\nrepository = "acme/payments"\napprovers = ["{ALICE}"]\n'
    (project / "tapgen.toml").write_text(configuration)
    found = Project.find(remember=False, local=True)
    monkeypatch.setattr(Project, "local_aws", lambda _: local_aws)
    return found


def account_of(project: Project) -> str:
    return project.environments(["dev"])[0].account_id


def outputs(done: Deployed, name: str = "dev") -> Any:
    outcome = done.outcomes[name]["bootstrap"]
    assert isinstance(outcome, Created | Updated | Unchanged)
    return outcome.outputs


@slow
def test_an_account_is_prepared_once_and_then_left_alone(
    configured: Project, local_aws: LocalAws
) -> None:
    host = operations.Recorder()
    done = operations.bootstrap(configured, ["dev"], host)
    assert isinstance(done.outcomes["dev"]["bootstrap"], Created)
    assert host.questions[0].text == "Prepare dev like this?"
    account = account_of(configured)
    found = outputs(done)
    assert found["DeployRoleArn"] == f"arn:aws:iam::{account}:role/tapgen-payments-dev-deploy"
    buckets = aws_client(local_aws, "s3", account, REGION).list_buckets()["Buckets"]
    assert [one["Name"] for one in buckets] == [found["LedgerBucketName"]]  # no template is left
    again = operations.bootstrap(configured, ["dev"], host)
    assert isinstance(again.outcomes["dev"]["bootstrap"], Unchanged)
    (seen,) = operations.check_bootstrap(configured, ["dev"]).values()
    assert (seen.verdict, seen.reasons) == (Verdict.CURRENT, ())
    assert seen.outputs == found
    wanted = settings_of(configured, ["dev"])["dev"]
    assert wanted == dict(seen.settings)
    assert wanted["deployment.role_arn"] == found["CloudFormationRoleArn"]


@slow
def test_of_two_environments_in_an_account_the_first_makes_the_provider(
    configured: Project, local_aws: LocalAws
) -> None:
    host = operations.Recorder()
    done = operations.bootstrap(configured, ["dev", "staging"], host)
    made = {name: outputs(done, name)["IdentityProviderArn"] for name in ("dev", "staging")}
    assert len(set(made.values())) == 1
    iam = aws_client(local_aws, "iam", account_of(configured), REGION)
    assert len(iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]) == 1
    found = operations.check_bootstrap(configured, ["dev", "staging"])
    assert {one.verdict for one in found.values()} == {Verdict.CURRENT}
    again = operations.bootstrap(configured, ["dev", "staging"], host)
    kinds = {type(each["bootstrap"]) for each in again.outcomes.values()}
    assert kinds == {Unchanged}


@slow
def test_a_provider_that_is_there_is_used_and_stays_somebody_elses(
    configured: Project, local_aws: LocalAws
) -> None:
    account = account_of(configured)
    iam = aws_client(local_aws, "iam", account, REGION)
    given = iam.create_open_id_connect_provider(Url=ISSUER, ClientIDList=["sts.amazonaws.com"])
    done = operations.bootstrap(configured, ["dev"], operations.Recorder())
    assert outputs(done)["IdentityProviderArn"] == given["OpenIDConnectProviderArn"]
    resources = aws_client(local_aws, "cloudformation", account, REGION).list_stack_resources(
        StackName="tapgen-payments-dev-bootstrap"
    )["StackResourceSummaries"]
    assert not [one for one in resources if one["ResourceType"] == "AWS::IAM::OIDCProvider"]


def test_a_provider_for_others_is_refused_with_the_command_that_lets_it(
    configured: Project, local_aws: LocalAws
) -> None:
    iam = aws_client(local_aws, "iam", account_of(configured), REGION)
    given = iam.create_open_id_connect_provider(Url=ISSUER, ClientIDList=["other"])
    with pytest.raises(
        TapgenError, match=r"does not accept tokens for sts\.amazonaws\.com"
    ) as raised:
        operations.check_bootstrap(configured, ["dev"])
    arn = given["OpenIDConnectProviderArn"]
    assert (
        f"--open-id-connect-provider-arn {arn} --client-id sts.amazonaws.com" in raised.value.hint
    )
    iam.add_client_id_to_open_id_connect_provider(
        OpenIDConnectProviderArn=arn, ClientID="sts.amazonaws.com"
    )
    (found,) = operations.check_bootstrap(configured, ["dev"]).values()
    assert found.verdict is Verdict.MISSING


@slow
def test_other_approvers_are_a_change_that_is_shown_before(configured: Project) -> None:
    host = operations.Recorder()
    operations.bootstrap(configured, ["dev"], host)
    bob = ["arn:aws:iam::{account}:user/bob"]
    (seen,) = operations.check_bootstrap(configured, ["dev"], approvers=bob).values()
    assert seen.verdict is Verdict.OLD
    assert "Approvers is arn:aws:iam::" in seen.reasons[0]
    planned = operations.plan_bootstrap(configured, ["dev"], host, approvers=bob)
    entry = planned.plans["dev"].entries["bootstrap"]
    assert isinstance(entry, Planned)
    assert {change.logical_id for change in entry.change_set.changes} == {"ApproveRole"}
    done = operations.bootstrap(configured, ["dev"], host, approvers=bob)
    assert isinstance(done.outcomes["dev"]["bootstrap"], Updated)


@slow
def test_what_outlived_a_baseline_is_taken_over(configured: Project, local_aws: LocalAws) -> None:
    """The ledger and the key stay when the stack goes, and belong to the next one."""
    host = operations.Recorder()
    before = outputs(operations.bootstrap(configured, ["dev"], host))
    account = account_of(configured)
    cloudformation = aws_client(local_aws, "cloudformation", account, REGION)
    stack = "tapgen-payments-dev-bootstrap"
    cloudformation.update_termination_protection(StackName=stack, EnableTerminationProtection=False)
    cloudformation.delete_stack(StackName=stack)
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName=stack, WaiterConfig={"Delay": 0.05}
    )
    after = outputs(operations.bootstrap(configured, ["dev"], host))
    assert after == before


def test_nothing_is_made_where_the_answer_is_no(configured: Project, local_aws: LocalAws) -> None:
    done = operations.bootstrap(configured, ["dev"], operations.Recorder(answer=False))
    assert (done.agreed, done.outcomes) == (False, {})
    client = aws_client(local_aws, "s3", account_of(configured), REGION)
    assert client.list_buckets()["Buckets"] == []


def test_a_project_has_to_say_whose_ci_is_trusted(project: Path) -> None:
    with pytest.raises(TapgenError, match="which repository's CI may deploy it") as raised:
        operations.bootstrap_template(Project.find(remember=False), [])
    assert 'bootstrap.repository = "OWNER/NAME"' in raised.value.hint


def test_the_template_is_the_same_whichever_environment_is_asked_for(configured: Project) -> None:
    every = operations.bootstrap_template(configured, [])
    one = operations.bootstrap_template(configured, ["prod"])
    assert one.template == every.template
    assert set(every.parameters) == {"dev", "staging", "prod"}
    assert one.parameters == {"prod": every.parameters["prod"]}
    assert json.loads(every.template.text)["Parameters"].keys() == one.parameters["prod"].keys()
