"""Destroying small stacks, and adopting what they left behind."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.deploy.flow.events import Note, Started
from tapgen.deploy.flow.host import SILENT
from tapgen.deploy.run.destroy import Destruction
from tapgen.deploy.run.step import Step
from tapgen.deploy.stack.interrupt import Interrupt
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.deployed.events import Created, Deleted, Failed, Outcome, Skipped, Updated
from tapgen.model.layer import outputs_of
from tapgen.model.plan import Planned
from tests.lab import Lab
from tests.predicaments import mending
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tapgen.model.stack import Stack


def data(lab: Lab, *, protected: bool = False) -> Stack:
    """One of each kind that can be kept, and one that cannot."""
    statement = {
        "Effect": "Allow",
        "Action": "kms:*",
        "Resource": "*",
        "Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}},
    }
    return lab.stack(
        "data",
        {
            "Alias": Lab.kept("AWS::KMS::Alias", AliasName="alias/lab", TargetKeyId={"Ref": "Key"}),
            "Bucket": Lab.kept("AWS::S3::Bucket", BucketName=f"lab-{lab.account}"),
            "Group": Lab.kept("AWS::Logs::LogGroup", LogGroupName="/lab/group"),
            "Key": Lab.kept(
                "AWS::KMS::Key", KeyPolicy={"Version": "2012-10-17", "Statement": [statement]}
            ),
            "Note": lab.note(),
            "Queue": Lab.kept("AWS::SQS::Queue", QueueName="lab-queue"),
            "Secret": Lab.kept("AWS::SecretsManager::Secret", Name="lab/secret", SecretString="s"),
            "Table": lab.table(
                "lab-table",
                SSESpecification={
                    "SSEEnabled": True,
                    "SSEType": "KMS",
                    "KMSMasterKeyId": {"Ref": "Key"},
                },
            ),
            "Topic": Lab.kept("AWS::SNS::Topic"),
            "Zone": Lab.kept("AWS::Route53::HostedZone", Name="lab.example.com"),
        },
        outputs={"TableName": {"Ref": "Table"}, "KeyArn": {"Fn::GetAtt": ["Key", "Arn"]}},
        protected=protected,
    )


def small(lab: Lab, *, protected: bool = False) -> Stack:
    return lab.stack("data", {"N": lab.note()}, outputs={"TableName": "t"}, protected=protected)


def api(lab: Lab) -> Stack:
    return lab.stack(
        "api", {"Note": lab.note({"Ref": "TableName"})}, inputs=outputs_of("data", "TableName")
    )


def fill(lab: Lab) -> None:
    lab.client("dynamodb").put_item(TableName="lab-table", Item={"id": {"S": "payment"}})
    for body in (b"one", b"two"):
        lab.client("s3").put_object(Bucket=f"lab-{lab.account}", Key="log", Body=body)


@pytest.mark.slow
def test_data_outlives_its_stack_and_is_adopted_by_the_next(lab: Lab) -> None:
    stacks = data(lab), api(lab)
    lab.deploy(*stacks)
    fill(lab)
    ran = lab.destroy(*stacks)
    assert [event.layer for event in ran.events if isinstance(event, Started)] == ["api", "data"]
    outcome = ran.outcomes["data"]
    assert isinstance(outcome, Deleted)
    assert [kind.split("::")[2] for kind, _ in outcome.retained] == [
        *("Alias", "Bucket", "LogGroup", "Key", "Queue", "Secret", "Table", "HostedZone")
    ]
    assert [kind for kind, _ in outcome.by_hand] == ["AWS::SNS::Topic"]
    assert ("AWS::DynamoDB::Table", "lab-table") in outcome.retained
    assert outcome.purged == ()
    assert ran.outcomes["api"] == Deleted()
    assert (lab.status("data"), lab.status("api")) == ("ABSENT", "ABSENT")

    again = lab.deploy(*stacks)
    assert again.plan is not None
    planned = again.plan.entries["data"]
    assert isinstance(planned, Planned)
    adopted = ("Alias", "Bucket", "Group", "Key", "Queue", "Secret", "Table", "Zone")
    assert (planned.kind, tuple(a.logical_id for a in planned.adoptions)) == ("CREATE", adopted)
    created = again.outcomes["data"]
    assert isinstance(created, Created)
    assert created.adopted == adopted
    assert created.outputs["TableName"] == "lab-table"
    item = lab.client("dynamodb").get_item(TableName="lab-table", Key={"id": {"S": "payment"}})
    assert item["Item"] == {"id": {"S": "payment"}}
    stored = lab.client("s3").get_object(Bucket=f"lab-{lab.account}", Key="log")
    assert stored["Body"].read() == b"two"
    tags = lab.client("cloudformation").describe_stacks(StackName="lab-data")["Stacks"][0]["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"Environment": "lab", "Layer": "data"}


@pytest.mark.slow
def test_purging_deletes_what_would_stay(lab: Lab) -> None:
    stacks = data(lab), api(lab)
    lab.deploy(*stacks)
    fill(lab)
    records = [
        {
            "Name": "a.lab.example.com",
            "Type": "A",
            "TTL": 60,
            "ResourceRecords": [{"Value": "192.0.2.1"}],
        }
    ]
    zone = lab.client("route53").list_hosted_zones()["HostedZones"][0]["Id"]
    lab.client("route53").change_resource_record_sets(
        HostedZoneId=zone,
        ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": r} for r in records]},
    )
    ran = lab.destroy(*stacks, purge_data=True)
    outcome = ran.outcomes["data"]
    assert isinstance(outcome, Deleted)
    assert outcome.retained == ()
    assert sorted(kind.split("::")[2] for kind, _ in outcome.purged) == sorted(
        ("Alias", "Bucket", "LogGroup", "Key", "Queue", "Secret", "Table", "HostedZone")
    )
    assert [kind.split("::")[2] for kind, _ in outcome.purged][-2:] == ["Alias", "Key"]
    assert "deleting AWS::DynamoDB::Table lab-table with its contents" in [
        event.text for event in ran.events if isinstance(event, Note)
    ]
    assert lab.client("dynamodb").list_tables()["TableNames"] == []
    assert lab.client("s3").list_buckets()["Buckets"] == []
    assert lab.client("logs").describe_log_groups(logGroupNamePrefix="/lab")["logGroups"] == []
    assert lab.client("sqs").list_queues().get("QueueUrls", []) == []
    assert lab.client("secretsmanager").list_secrets()["SecretList"] == []
    assert lab.client("route53").list_hosted_zones()["HostedZones"] == []
    aliases = lab.client("kms").list_aliases()["Aliases"]
    assert [a for a in aliases if a["AliasName"] == "alias/lab"] == []
    (key,) = (i for kind, i in outcome.purged if kind == "AWS::KMS::Key")
    assert lab.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"


def test_what_tapgen_cannot_delete_is_left_and_named(lab: Lab) -> None:
    stack = lab.stack("data", {"Topic": Lab.kept("AWS::SNS::Topic", TopicName="lab-topic")})
    lab.deploy(stack)
    (topic,) = (one["TopicArn"] for one in lab.client("sns").list_topics()["Topics"])
    ran = lab.destroy(stack, purge_data=True)
    assert ran.outcomes["data"] == Deleted(by_hand=(("AWS::SNS::Topic", topic),))
    notes = [event.text for event in ran.events if isinstance(event, Note)]
    assert any(f"AWS::SNS::Topic {topic} was not deleted: " in note for note in notes)


def other_data(lab: Lab, **database: Any) -> Stack:
    """Data of types that tapgen knows by their schema only; file systems have no name."""
    secret = {"MasterUsername": "root", "ManageMasterUserPassword": True}
    return lab.stack(
        "data",
        {
            "Database": Lab.kept(
                "AWS::RDS::DBInstance",
                DBInstanceIdentifier="orders",
                DBInstanceClass="db.t4g.micro",
                Engine="postgres",
                **secret,
                **database,
            ),
            "Files": Lab.kept("AWS::EFS::FileSystem", Encrypted=True),
            "Stream": Lab.kept("AWS::Kinesis::Stream", Name="events", ShardCount=1),
        },
    )


@pytest.mark.slow
def test_data_of_any_type_is_adopted_and_brought_in_line(lab: Lab) -> None:
    lab.deploy(other_data(lab, CopyTagsToSnapshot=True))
    outcome = lab.destroy(other_data(lab)).outcomes["data"]
    assert isinstance(outcome, Deleted)
    assert outcome.retained == (
        ("AWS::RDS::DBInstance", "orders"),
        ("AWS::Kinesis::Stream", "events"),
    )
    assert [kind for kind, _ in outcome.by_hand] == ["AWS::EFS::FileSystem"]
    lab.client("rds").modify_db_instance(
        DBInstanceIdentifier="orders", CopyTagsToSnapshot=False, ApplyImmediately=True
    )
    created = lab.deploy(other_data(lab, CopyTagsToSnapshot=True)).outcomes["data"]
    assert isinstance(created, Created)
    assert created.adopted == ("Database", "Stream")
    (found,) = lab.client("rds").describe_db_instances()["DBInstances"]
    assert found["CopyTagsToSnapshot"] is True


@pytest.mark.slow
def test_data_of_any_type_is_purged_protected_or_not(lab: Lab) -> None:
    stack = other_data(lab, DeletionProtection=True)
    lab.deploy(stack)
    outcome = lab.destroy(stack, purge_data=True).outcomes["data"]
    assert isinstance(outcome, Deleted)
    assert outcome.by_hand == ()
    assert {kind.split("::")[2] for kind, _ in outcome.purged} == {
        *("DBInstance", "FileSystem", "Stream")
    }
    assert lab.client("rds").describe_db_instances()["DBInstances"] == []
    assert lab.client("kinesis").list_streams()["StreamNames"] == []


@pytest.mark.slow
def test_purging_later_finds_what_an_earlier_destruction_left(lab: Lab) -> None:
    lab.deploy(data(lab))
    lab.destroy(data(lab))
    outcome = lab.destroy(data(lab), purge_data=True).outcomes["data"]
    assert isinstance(outcome, Deleted)
    assert ("AWS::S3::Bucket", f"lab-{lab.account}") in outcome.purged
    assert lab.destroy(data(lab), purge_data=True).outcomes["data"] == Deleted()


def test_a_protected_environment_is_refused(lab: Lab) -> None:
    lab.deploy(small(lab, protected=True))
    with pytest.raises(RefusedError, match="lab is protected") as raised:
        lab.destroy(small(lab, protected=True))
    assert "`tapgen deploy --env lab --allow-unprotect --local`" in raised.value.hint
    with pytest.raises(RefusedError, match="termination protection of data is on"):
        lab.destroy(small(lab))
    lab.deploy(small(lab))
    assert isinstance(lab.destroy(small(lab)).outcomes["data"], Deleted)


def test_a_layer_that_others_take_from_is_refused(lab: Lab) -> None:
    run = lab.run(small(lab), api(lab))
    target = run.target
    Destruction(run, target.part(["data"])).check()
    lab.deploy(small(lab), api(lab))
    with pytest.raises(RefusedError, match="api would lose inputs from data") as raised:
        Destruction(run, target.part(["data"])).check()
    assert raised.value.hint == "Destroy these too: --layer api"
    Destruction(run, target.part(["data", "api"])).check()
    destruction = Destruction(run, target.part(["api"]))
    destruction.check()
    destruction.carry_out(Interrupt())
    assert (lab.status("data"), lab.status("api")) == ("CREATE_COMPLETE", "ABSENT")


def test_a_stack_that_cannot_be_deleted_keeps_what_it_takes_from(lab: Lab, faults: Any) -> None:
    stacks = small(lab), api(lab)
    lab.deploy(*stacks)
    faults({"delete:Note": "clings"})
    ran = lab.destroy(*stacks)
    failed = ran.outcomes["api"]
    assert isinstance(failed, Failed)
    assert failed.status == "DELETE_FAILED"
    assert "api.Note (AWS::SSM::Parameter)" in failed.reason
    assert failed.hint == (
        "Fix the cause, then run `tapgen destroy --env lab --local` again. If it fails again, "
        "`tapgen recover --env lab --layer api --skip-resource api.Note --local` "
        "continues without it: it is left behind. If its template retains it, the next deployment "
        "takes it over; otherwise delete it by hand."
    )
    assert ran.outcomes["data"] == Skipped("api still takes from it")
    assert lab.status("data") == "CREATE_COMPLETE"
    faults({})
    assert set(map(type, lab.destroy(*stacks).outcomes.values())) == {Deleted}


def test_what_aws_refuses_is_a_failure(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> None:
        raise TapgenError("AccessDenied", "Ask.")

    lab.deploy(api_alone := lab.stack("api", {"Note": lab.note()}))
    monkeypatch.setattr("tapgen.deploy.stack.operations.delete", refused)
    assert lab.destroy(api_alone).outcomes["api"] == Failed(
        "AccessDenied", hint="Ask. `tapgen destroy --env lab --local` continues from there."
    )


def test_a_stack_under_review_goes_without_a_trace(lab: Lab) -> None:
    stack = lab.stack("api", {"Note": lab.note()})
    lab.plan(lab.deployment(stack))
    assert lab.status("api") == "REVIEW_IN_PROGRESS"
    assert lab.destroy(stack).outcomes["api"] == Deleted()
    assert lab.status("api") == "ABSENT"


@pytest.mark.slow
def test_a_deletion_under_way_is_watched_to_its_end(lab: Lab, faults: Any) -> None:
    stack = lab.stack("api", {"Note": lab.note()})
    lab.deploy(stack)
    faults({"hold": ["Note"]})
    lab.client("cloudformation").delete_stack(StackName="lab-api")
    host = mending(faults)
    destruction = lab.destruction(stack, host=host)
    assert destruction.carry_out(Interrupt()) == {"api": Deleted()}
    assert [event for event in host.events if isinstance(event, Started)] == []


@pytest.mark.slow
def test_an_update_under_way_ends_before_the_deletion_begins(lab: Lab, faults: Any) -> None:
    stack = lab.stack("api", {"Note": lab.note()})
    lab.deploy(stack)
    changed = replace(stack, tags={**stack.tags, "Owner": "x"})
    faults({"hold": ["Note"]})
    deployment = lab.deployment(changed)
    plan = lab.plan(deployment)
    thread = threading.Thread(target=deployment.carry_out, args=(plan, SILENT))
    thread.start()
    wait_until(lambda: lab.status("api") == "UPDATE_IN_PROGRESS")
    destruction = lab.destruction(changed, host=mending(faults))
    assert destruction.carry_out(Interrupt()) == {"api": Deleted()}
    thread.join()


def test_an_import_that_fails_is_a_failure_with_its_cause(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = lab.stack("data", {"Table": lab.table("lab-table")})
    lab.deploy(stack)
    lab.destroy(stack)
    deployment = lab.deployment(stack)
    plan = lab.plan(deployment)

    adopt = Step._adopt

    def too_late(self: Step, entry: Planned) -> Outcome | None:
        if entry.kind == "IMPORT":
            lab.client("dynamodb").delete_table(TableName="lab-table")
        return adopt(self, entry)

    with monkeypatch.context() as patch:
        patch.setattr(Step, "_adopt", too_late)
        failed = deployment.carry_out(plan, SILENT)["data"]
    assert isinstance(failed, Failed)
    assert failed.reason.startswith("data.Table (AWS::DynamoDB::Table): ")
    # The next run finds no table to adopt, and a stack that holds nothing.
    outcome = lab.deploy(stack).outcomes["data"]
    assert isinstance(outcome, Updated)


@pytest.mark.slow
def test_a_stack_that_is_all_adopted_is_created_without_an_update(lab: Lab) -> None:
    stack = replace(lab.stack("data", {"Table": lab.table("lab-table")}), tags={})
    lab.deploy(stack)
    lab.destroy(stack)
    assert lab.deploy(stack).outcomes["data"] == Created({}, ("Table",))


@pytest.mark.slow
def test_what_only_has_the_name_is_neither_purged_nor_taken_over(lab: Lab) -> None:
    """Somebody else's zone and user pool, with everything in them."""
    zones = lab.client("route53")
    made = zones.create_hosted_zone(Name="lab.example.com", CallerReference="1")
    zone = made["HostedZone"]["Id"].removeprefix("/hostedzone/")
    pool = lab.client("cognito-idp").create_user_pool(PoolName="lab-pool")["UserPool"]["Id"]
    stack = lab.stack(
        "data",
        {
            "Note": lab.note(),
            "Pool": Lab.kept("AWS::Cognito::UserPool", UserPoolName="lab-pool"),
            "Zone": Lab.kept("AWS::Route53::HostedZone", Name="lab.example.com"),
        },
    )
    (failed,) = lab.deploy(stack).outcomes.values()
    assert isinstance(failed, Failed)
    assert f"AWS::Cognito::UserPool lab-pool ({pool}) already exists" in failed.reason

    ran = lab.destroy(stack, purge_data=True)
    assert ran.outcomes == {"data": Deleted()}
    notes = [event.text for event in ran.events if isinstance(event, Note)]
    assert [note.partition(" already exists")[0] for note in notes] == [
        f"left alone: AWS::Cognito::UserPool lab-pool ({pool})",
        f"left alone: AWS::Route53::HostedZone lab.example.com ({zone})",
    ]
    assert len(zones.list_hosted_zones()["HostedZones"]) == 1
    assert len(lab.client("cognito-idp").list_user_pools(MaxResults=5)["UserPools"]) == 1
