"""Taking over what is there: by a stack that is made, by one that is updated, and seen to after."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.deploy.flow.host import Recorder
from tapgen.deploy.observe.checks import Check
from tapgen.deploy.observe.verify import verify_stacks
from tapgen.deploy.plan import plan_files
from tapgen.deploy.plan.plan_file import saved_plan, to_save
from tapgen.deploy.run import taken_over
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.run.step import Choices, Step
from tapgen.deploy.target.run import Run
from tapgen.errors import TapgenError
from tapgen.model.deployed.events import Created, Failed, Outcome, Unchanged, Updated
from tapgen.model.plan import Blocked, Planned
from tests.deploy.run.chain import notes, started
from tests.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Callable

    from tapgen.model.plan import Entry
    from tapgen.model.stack import Stack

    Faults = Callable[[dict[str, Any]], None]

OURS = {"Environment": "lab", "Layer": "data"}
OURS_AS_TAGS = [{"Key": key, "Value": value} for key, value in OURS.items()]
OURS_OF_KMS = [{"TagKey": key, "TagValue": value} for key, value in OURS.items()]
SETTINGS = {"Days": "7", "Owner": "one", "Protected": "false", "Read": "5"}
CHANGED = {"Days": "60", "Owner": "two", "Protected": "true", "Read": "9"}


def data(lab: Lab, settings: dict[str, str], **more: Any) -> Stack:
    """One of each kind that is adopted, with what settings change."""
    owner = {"Ref": "Owner"}
    tags = [{"Key": "Owner", "Value": owner}]
    days, protected = {"Ref": "Days"}, {"Ref": "Protected"}
    root = {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}
    policy = {"Sid": owner, "Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    lifecycle = {"Id": "expire", "Status": "Enabled", "ExpirationInDays": days}
    active = {"Fn::If": ["IsProtected", "ACTIVE", "INACTIVE"]}
    throughput = {"ReadCapacityUnits": {"Ref": "Read"}, "WriteCapacityUnits": 5}
    key = {"Fn::GetAtt": ["Key", "Arn"]}
    kept = Lab.kept
    return lab.stack(
        "data",
        {
            "Alias": kept("AWS::KMS::Alias", AliasName="alias/lab", TargetKeyId={"Ref": "Key"}),
            "Bucket": kept(
                "AWS::S3::Bucket",
                BucketName=f"lab-{lab.account}",
                LifecycleConfiguration={"Rules": [lifecycle]},
                Tags=tags,
            ),
            "Group": kept(
                "AWS::Logs::LogGroup",
                LogGroupName="/lab/group",
                DeletionProtectionEnabled=protected,
                RetentionInDays=days,
                Tags=tags,
            ),
            "Key": kept(
                "AWS::KMS::Key",
                Description={"Fn::Sub": "of ${Owner}"},
                KeyPolicy={
                    "Version": "2012-10-17",
                    "Statement": [{**policy, "Principal": root}],
                },
                Tags=tags,
            ),
            "Pool": kept(
                "AWS::Cognito::UserPool",
                UserPoolName="lab-pool",
                DeletionProtection=active,
                UserPoolTags={"Owner": owner},
            ),
            "Queue": kept(
                "AWS::SQS::Queue",
                QueueName="lab-queue",
                MessageRetentionPeriod={"Fn::Sub": "${Days}00"},
                Tags=tags,
            ),
            "Secret": kept(
                "AWS::SecretsManager::Secret",
                Name="lab/secret",
                Description={"Fn::Sub": "of ${Owner}"},
                GenerateSecretString={"PasswordLength": 20},
                KmsKeyId=key,
                Tags=tags,
            ),
            "Table": lab.table(
                "lab-table",
                BillingMode="PROVISIONED",
                DeletionProtectionEnabled=protected,
                ProvisionedThroughput=throughput,
                SSESpecification={"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
                Tags=tags,
            ),
            "Zone": kept(
                "AWS::Route53::HostedZone",
                Name="lab.example.com",
                HostedZoneConfig={"Comment": owner},
                HostedZoneTags=tags,
            ),
        },
        parameters=settings,
        conditions={"IsProtected": {"Fn::Equals": [protected, "true"]}},
        outputs={"TableName": {"Ref": "Table"}},
        **more,
    )


def faults_of(lab: Lab, *stacks: Stack) -> list[Check]:
    return [check for check in verify_stacks(lab.target(*stacks)) if check.ok is False]


def table(lab: Lab, **more: Any) -> Stack:
    return lab.stack("data", {"Note": lab.note(), "Table": lab.table("lab-table", **more)})


def with_role(lab: Lab, stack: Stack, **choices: Any) -> Deployment:
    target = lab.target(stack, role_arn=lab.role())
    return Deployment(Run.on(target, Recorder()), target.graph, Choices(**choices))


def resources(lab: Lab) -> list[str]:
    found = lab.client("cloudformation").list_stack_resources(StackName="lab-data")
    return [
        one["LogicalResourceId"]
        for one in found["StackResourceSummaries"]
        if one["ResourceStatus"] != "DELETE_COMPLETE"
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("before", "after"), [(SETTINGS, CHANGED), (CHANGED, SETTINGS)])
def test_what_was_changed_while_the_stack_was_gone_is_as_declared(
    lab: Lab, before: dict[str, str], after: dict[str, str]
) -> None:
    lab.deploy(data(lab, before))
    lab.destroy(data(lab, before))
    secrets = lab.client("secretsmanager")
    value = secrets.get_secret_value(SecretId="lab/secret")["SecretString"]
    ran = lab.deploy(data(lab, after))
    outcome = ran.outcomes["data"]
    assert isinstance(outcome, Created)
    assert len(outcome.adopted) == len(data(lab, after).template.resources)
    assert faults_of(lab, data(lab, after)) == []
    assert secrets.get_secret_value(SecretId="lab/secret")["SecretString"] == value
    assert isinstance(lab.deploy(data(lab, after)).outcomes["data"], Unchanged)


@pytest.mark.slow
def test_a_role_makes_the_stack_before_it_takes_over(lab: Lab) -> None:
    lab.deploy(data(lab, SETTINGS))
    lab.destroy(data(lab, SETTINGS))
    deployment = with_role(lab, data(lab, CHANGED))
    host = Recorder()
    plan = deployment.plan(host)
    entry = plan.entries["data"]
    assert isinstance(entry, Planned)
    assert (entry.kind, len(entry.adoptions), entry.creates) == ("CREATE", 9, True)
    outcome = deployment.carry_out(plan, host)["data"]
    assert isinstance(outcome, Created)
    assert len(outcome.adopted) == 9
    assert started(host.events) == ["data: create", "data: adopt", "data: update"]
    assert faults_of(lab, data(lab, CHANGED)) == []
    assert "TapgenPlaceholder" not in resources(lab)


@pytest.mark.slow
@pytest.mark.parametrize(("role", "imported"), [(False, False), (False, True), (True, False)])
def test_a_run_that_dies_on_the_way_is_finished_by_the_next_one(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, role: bool, imported: bool
) -> None:
    """It dies when there is only the empty stack, or after the import."""
    replan = Step._replan

    def dies(self: Step) -> Entry:
        if imported and not self.adopted:
            return replan(self)
        raise TapgenError("the connection is gone")

    def deployment(stack: Stack) -> Deployment:
        return with_role(lab, stack) if role else lab.deployment(stack)

    left = lab.table("lab-data")["Properties"]
    lab.client("dynamodb").create_table(**left, Tags=OURS_AS_TAGS)
    first = deployment(lab.guarded())
    with monkeypatch.context() as patched:
        patched.setattr(Step, "_replan", dies)
        assert isinstance(first.carry_out(lab.plan(first), Recorder())["data"], Failed)
    assert lab.status("data") == ("IMPORT_COMPLETE" if imported else "CREATE_COMPLETE")
    second, host = deployment(lab.guarded()), Recorder()
    outcome = second.carry_out(lab.plan(second), host)["data"]
    outputs = {"TableName": "lab-data"}
    assert outcome == Updated(outputs, () if imported else ("Table",))
    rest = ["data: update", "data: protect"]
    assert started(host.events) == (rest if imported else ["data: adopt", *rest])
    assert faults_of(lab, lab.guarded()) == []
    assert set(resources(lab)) == set(lab.guarded().template.resources)


def reviewed(lab: Lab, stack: Stack) -> Outcome:
    """What becomes of the stack when a plan of it is kept as a file and carried out."""
    planned = with_role(lab, stack, mark="-kept")
    saved = saved_plan(to_save(planned.plan(Recorder()), "c0de", "arn").text, "plan.json")
    plan = plan_files.reviewed_plan(saved, planned.run.target, "plan.json")
    return with_role(lab, stack, strict=True, may_ask=False).carry_out(plan, Recorder())["data"]


@pytest.mark.slow
def test_a_reviewed_plan_may_take_over_with_a_role(lab: Lab) -> None:
    lab.deploy(table(lab))
    lab.destroy(table(lab))
    assert reviewed(lab, table(lab)) == Created({}, ("Table",))


def orphan(lab: Lab, faults: Faults) -> None:
    """Let an update add a protected table, fail, and be rolled back without it."""
    lab.deploy(lab.stack("data", {"Note": lab.note()}))
    faults({"create:Late": "no", "delete:Table": "is protected"})
    late = {**lab.note(), "DependsOn": "Table"}
    adding = lab.stack("data", {"Note": lab.note(), "Table": lab.table("lab-table"), "Late": late})
    outcome = lab.deploy(adding).outcomes["data"]
    assert isinstance(outcome, Failed)
    assert outcome.status == "UPDATE_ROLLBACK_COMPLETE"
    assert "Table (lab-table) was left outside the stack" in outcome.hint
    faults({})


@pytest.mark.slow
def test_an_update_takes_over_what_one_before_it_left_behind(lab: Lab, faults: Faults) -> None:
    orphan(lab, faults)
    lab.client("dynamodb").put_item(TableName="lab-table", Item={"id": {"S": "payment"}})
    more = table(lab, DeletionProtectionEnabled=True)
    ran = lab.deploy(more)
    assert ran.plan is not None
    entry = ran.plan.entries["data"]
    assert isinstance(entry, Planned)
    assert (entry.kind, entry.creates) == ("IMPORT", False)
    assert ran.outcomes["data"] == Updated({}, ("Table",))
    assert started(ran.events) == ["data: adopt", "data: update"]
    assert faults_of(lab, more) == []
    assert lab.client("dynamodb").scan(TableName="lab-table")["Count"] == 1


@pytest.mark.slow
def test_a_reviewed_plan_may_take_over_into_a_stack(lab: Lab, faults: Faults) -> None:
    orphan(lab, faults)
    assert reviewed(lab, table(lab)) == Updated({}, ("Table",))


@pytest.mark.slow
def test_an_import_that_fails_leaves_the_stack_and_the_next_run_goes_on(
    lab: Lab, faults: Faults
) -> None:
    orphan(lab, faults)
    deployment = lab.deployment(table(lab))
    plan = lab.plan(deployment)
    lab.client("dynamodb").delete_table(TableName="lab-table")
    failed = deployment.carry_out(plan, Recorder())["data"]
    assert isinstance(failed, Failed)
    assert failed.status == lab.status("data") == "IMPORT_ROLLBACK_COMPLETE"
    lab.client("dynamodb").create_table(
        TableName="lab-table",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        Tags=OURS_AS_TAGS,
    )
    assert lab.deploy(table(lab)).outcomes["data"] == Updated({}, ("Table",))


@pytest.mark.slow
def test_what_stays_otherwise_is_not_called_deployed(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.deploy(table(lab))
    lab.destroy(table(lab))
    looks: list[list[str]] = []

    def stays(_: Any, names: list[str]) -> list[Check]:
        looks.append(names)
        return [
            Check("data", "Table", "BillingMode", "declared", "actual", ok=False),
            Check("data", "Table", "Tags/A", {"Key": "A", "Value": True}, None, ok=False),
        ]

    monkeypatch.setattr(taken_over, "_PAUSES", (0.0,))
    with monkeypatch.context() as patched:
        patched.setattr(taken_over, "resource_faults", stays)
        deployment = lab.deployment(table(lab))
        failed = deployment.carry_out(lab.plan(deployment), Recorder())["data"]
    assert isinstance(failed, Failed)
    assert failed.reason == (
        "what data took over is not as declared: Table BillingMode is actual, declared as "
        'declared; Table Tags/A is not set, declared as {"Key": "A", "Value": true}'
    )
    assert "`tapgen drift --env lab --layer data --repair --local`" in failed.hint
    assert looks == [["data.Table"]] * 2
    state = deployment.run.state
    assert (state.unfinished, state.taken_over) == ({"data"}, {"data.Table"})

    # The next run, which the lock tells of it, looks again though there is nothing to change.
    again = lab.deployment(table(lab))
    again.run.state.unfinished |= state.unfinished
    again.run.state.taken_over |= state.taken_over
    with monkeypatch.context() as patched:
        patched.setattr(taken_over, "resource_faults", stays)
        outcomes = again.carry_out(lab.plan(again), Recorder())
    assert isinstance(outcomes["data"], Failed)
    outcomes = again.carry_out(lab.plan(again), Recorder())
    assert isinstance(outcomes["data"], Unchanged)
    assert not again.run.state.unfinished | again.run.state.taken_over


def test_a_key_that_is_to_be_deleted_blocks_the_stack_with_both_ways_out(lab: Lab) -> None:
    kms = lab.client("kms")
    key = kms.create_key(Tags=OURS_OF_KMS)["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/lab", TargetKeyId=key)
    day = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)["DeletionDate"]
    stack = lab.stack(
        "data",
        {
            "Alias": Lab.kept("AWS::KMS::Alias", AliasName="alias/lab", TargetKeyId={"Ref": "Key"}),
            "Key": Lab.kept("AWS::KMS::Key"),
        },
    )
    blocked = lab.plan(lab.deployment(stack)).entries["data"]
    assert isinstance(blocked, Blocked)
    assert blocked.reason == (
        f"the key behind alias/lab is scheduled for deletion on {day:%Y-%m-%d}; everything "
        "that it encrypts will be lost"
    )
    assert f"`aws kms cancel-key-deletion --region us-east-1 --key-id {key}`" in blocked.hint
    assert "`aws kms delete-alias --region us-east-1 --alias-name alias/lab`" in blocked.hint

    kms.delete_alias(AliasName="alias/lab")
    assert lab.deploy(stack).outcomes["data"] == Created({})
    lab.destroy(stack)
    assert lab.deploy(stack).outcomes["data"] == Created({}, ("Alias", "Key"))


@pytest.mark.slow
def test_a_secret_that_is_to_be_deleted_is_taken_over_when_it_is_restored(lab: Lab) -> None:
    secret = Lab.kept("AWS::SecretsManager::Secret", Name="lab/secret", SecretString="s")
    stack = lab.stack("data", {"Secret": secret})
    lab.deploy(stack)
    lab.destroy(stack)
    secrets = lab.client("secretsmanager")
    secrets.delete_secret(SecretId="lab/secret", RecoveryWindowInDays=7)
    failed = lab.deploy(stack).outcomes["data"]
    assert isinstance(failed, Failed)
    assert "already scheduled for deletion" in failed.reason
    assert "`aws secretsmanager restore-secret`" in failed.hint
    secrets.restore_secret(SecretId="lab/secret")
    assert lab.deploy(stack).outcomes["data"] == Created({}, ("Secret",))


def test_an_alias_of_a_key_of_somebody_else_is_taken_over_alone(lab: Lab) -> None:
    kms = lab.client("kms")
    key = kms.create_key(Tags=OURS_OF_KMS)["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/lab", TargetKeyId=key)
    alias = Lab.kept("AWS::KMS::Alias", AliasName="alias/lab", TargetKeyId={"Ref": "Key"})
    stack = lab.stack("data", {"Alias": alias, "Key": {"Type": "AWS::KMS::Key"}})
    assert lab.deploy(stack).outcomes["data"] == Created({}, ("Alias",))
    target = kms.describe_key(KeyId="alias/lab")["KeyMetadata"]["KeyId"]
    assert target != key


def test_a_stack_that_lacks_nothing_retained_is_updated_as_ever(lab: Lab) -> None:
    stack = replace(table(lab), tags={"Owner": "one"})
    lab.deploy(stack)
    ran = lab.deploy(replace(stack, tags={"Owner": "two"}))
    assert ran.outcomes["data"] == Updated({})
    assert notes(ran.events) == []
