"""Drift in the local AWS: made by hand, found by CloudFormation and by reading back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tapgen.deploy.observe.drift import look_for_drift
from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError
from tapgen.model.deployed.drift import (
    DELETED,
    IN_SYNC,
    MODIFIED,
    NOT_CHECKED,
    STACK,
    LayerDrift,
    PropertyDrift,
)
from tapgen.model.stack import Stack
from tapgen.model.templates.template import Template
from tapgen.render.code.function_package import Code
from tests.waiting import update_table

pytestmark = pytest.mark.slow

TABLE = "drift-table"
QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "drift-queue", "DelaySeconds": 1}}


def table(**more: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "TableName": TABLE,
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            **more,
        },
    }


def look(lab: Any, *stacks: Stack) -> dict[str, LayerDrift]:
    target = lab.target(*stacks)
    return {one.layer: one for one in look_for_drift(target, target.stacks)}


def statuses(drift: LayerDrift) -> dict[str, str]:
    return {one.logical_id: one.status for one in drift.resources}


def test_what_was_just_deployed_has_not_drifted(deployed: Target) -> None:
    found = list(look_for_drift(deployed, deployed.stacks))
    assert [one.layer for one in found] == list(deployed.stacks)
    for one in found:
        assert set(statuses(one).values()) == {IN_SYNC}, one


def test_both_ways_of_looking_tell_all_three_sides(lab: Any) -> None:
    stack = lab.stack("data", {"Table": table(), "Queue": QUEUE})
    lab.deploy(stack)
    dynamodb, sqs = lab.client("dynamodb"), lab.client("sqs")
    url = sqs.get_queue_url(QueueName="drift-queue")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "9"})  # detected
    dynamodb.update_continuous_backups(  # which only the service tells here
        TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )
    declared = {**QUEUE, "Properties": {"QueueName": "drift-queue", "DelaySeconds": 4}}
    now = lab.stack("data", {"Table": table(), "Queue": declared})
    drift = look(lab, now)["data"]
    assert statuses(drift) == {"Queue": MODIFIED, "Table": MODIFIED}
    queue, changed = drift.drifted
    assert queue.properties == (PropertyDrift("DelaySeconds", 4, "1", "9"),)
    path = "PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled"
    assert changed.properties == (PropertyDrift(path, True, True, False),)


def test_autoscaled_capacity_is_no_drift_below_its_floor_it_is(lab: Any) -> None:
    stack = lab.stack("data", {"Table": table()})
    lab.deploy(stack)

    def scale(read: int) -> None:
        throughput = {"ReadCapacityUnits": read, "WriteCapacityUnits": 7}
        update_table(lab.client("dynamodb"), TABLE, ProvisionedThroughput=throughput)

    scale(50)
    assert look(lab, stack)["data"].drifted == ()
    scale(2)
    (found,) = look(lab, stack)["data"].drifted
    path = "ProvisionedThroughput/ReadCapacityUnits"
    assert found.properties == (PropertyDrift(path, 5, "5", "2"),)


def test_a_pending_change_of_the_settings_is_no_drift(lab: Any) -> None:
    lab.deploy(lab.stack("data", {"Note": lab.note()}))
    assert look(lab, lab.stack("data", {"Note": lab.note("two")}))["data"].drifted == ()


def test_what_is_gone_was_deleted(lab: Any) -> None:
    alarm = {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": "drift-alarm",
            "ComparisonOperator": "GreaterThanThreshold",
            "EvaluationPeriods": 1,
            "MetricName": "Errors",
            "Namespace": "AWS/Lambda",
            "Period": 60,
            "Statistic": "Sum",
            "Threshold": 1,
        },
    }
    stack = lab.stack("data", {"Note": lab.note(Name="/drift/note"), "Alarm": alarm})
    lab.deploy(stack)
    lab.client("ssm").delete_parameter(Name="/drift/note")  # CloudFormation tells
    lab.client("cloudwatch").delete_alarms(AlarmNames=["drift-alarm"])  # the service tells
    assert statuses(look(lab, stack)["data"]) == {"Alarm": DELETED, "Note": DELETED}


def test_what_nobody_can_read_is_said_to_be_unchecked(lab: Any) -> None:
    stack = lab.stack("data", {"Wait": {"Type": "AWS::CloudFormation::WaitConditionHandle"}})
    lab.deploy(stack)
    (found,) = look(lab, stack)["data"].resources
    assert found.status == NOT_CHECKED
    assert "AWS cannot read AWS::CloudFormation::WaitConditionHandle" in found.reason


STREAM = {
    "Type": "AWS::Kinesis::Stream",
    "Properties": {"Name": "drift-stream", "RetentionPeriodHours": 48, "ShardCount": 1},
}


def test_a_type_without_a_reader_is_read_by_its_schema(lab: Any) -> None:
    stack = lab.stack("data", {"Note": lab.note(), "Stream": STREAM})
    lab.deploy(stack)
    assert statuses(look(lab, stack)["data"]) == {"Note": IN_SYNC, "Stream": IN_SYNC}
    kinesis = lab.client("kinesis")
    kinesis.decrease_stream_retention_period(StreamName="drift-stream", RetentionPeriodHours=24)
    (found,) = look(lab, stack)["data"].drifted
    assert found.properties == (PropertyDrift("RetentionPeriodHours", 48, 48, 24),)
    kinesis.delete_stream(StreamName="drift-stream")
    assert statuses(look(lab, stack)["data"])["Stream"] == DELETED


def test_what_cloudformation_has_compared_is_not_read_again(
    lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = lab.stack("data", {"Note": lab.note()})
    lab.deploy(stack)
    monkeypatch.setattr("tapgen.deploy.observe.drift.read", None)  # nobody asks
    assert statuses(look(lab, stack)["data"]) == {"Note": IN_SYNC}


class Refusing:
    """A client without any permission."""

    def __getattr__(self, name: str) -> Any:
        def refuse(**_: Any) -> None:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, name)

        return refuse


def test_a_service_that_does_not_answer_leaves_its_resource_unchecked(
    lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": []}}}
    stack = lab.stack("data", {"Key": key})
    lab.deploy(stack)
    target = lab.target(stack)
    client = target.account.client
    monkeypatch.setattr(
        target.account,
        "client",
        lambda service, *where: Refusing() if service == "kms" else client(service, *where),
    )
    (layer,) = look_for_drift(target, target.stacks)
    (found,) = layer.resources
    assert found.status == NOT_CHECKED
    assert "AccessDenied" in found.reason


def test_what_is_not_deployed_has_not_drifted(lab: Any) -> None:
    (found,) = look(lab, lab.stack("data", {"Note": lab.note()})).values()
    assert found == LayerDrift("data", "ABSENT")


def test_only_the_chosen_layers_are_looked_at(lab: Any) -> None:
    stacks = [lab.stack(layer, {"Note": lab.note()}) for layer in ("data", "api")]
    lab.deploy(*stacks)
    (found,) = look_for_drift(lab.target(*stacks), ["api"])
    assert found.layer == "api"


def test_a_stack_that_cannot_be_relied_on_is_not_called_undrifted(lab: Any, faults: Any) -> None:
    stack = lab.stack("data", {"Note": lab.note()})
    faults({"create:Note": "no"})
    lab.deploy(stack)
    found = look(lab, stack)["data"]
    assert (found.checked, found.resources) == (False, ())


def test_after_an_import_only_the_services_are_asked(
    lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = lab.stack("data", {"Queue": QUEUE})
    lab.deploy(stack)
    target = lab.target(stack)
    state = replace(target.describe("data"), status="IMPORT_COMPLETE")
    monkeypatch.setattr(Target, "describe", lambda *_: state)
    (found,) = look_for_drift(target, target.stacks)
    assert statuses(found) == {"Queue": IN_SYNC}


@pytest.mark.parametrize(
    "text",
    [
        "Resources: {}",
        "[]",
        '{"Resources": {"Queue": {"Condition": "C"}}, "Conditions": {"C": {"Fn::Not": 1}}}',
    ],
)
def test_a_template_that_tapgen_cannot_read_leaves_cloudformation_to_tell(
    lab: Any, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    stack = lab.stack("data", {"Queue": QUEUE})
    lab.deploy(stack)
    target = lab.target(stack)
    api = target.cloudformation(stack)
    monkeypatch.setattr(api, "template", lambda _: text)
    (found,) = look_for_drift(target, target.stacks)
    assert statuses(found) == {"Queue": IN_SYNC}


def test_a_resource_that_is_no_longer_declared_has_two_sides(lab: Any) -> None:
    tables = {"Table": table(), "Queue": QUEUE}
    lab.deploy(lab.stack("data", tables))
    lab.client("dynamodb").update_continuous_backups(
        TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )
    (found,) = look(lab, lab.stack("data", {"Queue": QUEUE}))["data"].drifted
    (one,) = found.properties
    assert (one.declared, one.deployed, one.actual) == (None, True, False)


DENY_ALL = {
    "Statement": [{"Effect": "Deny", "Action": "Update:*", "Principal": "*", "Resource": "*"}]
}


def beside(lab: Any, stack: Stack) -> PropertyDrift | None:
    """What was changed of the stack itself."""
    found = [one for one in look(lab, stack)["data"].drifted if one.resource_type == STACK]
    return found[0].properties[0] if found else None


@pytest.mark.parametrize("protected", [True, False])
def test_a_stack_policy_that_was_set_by_hand_is_drift(lab: Any, *, protected: bool) -> None:
    stack = lab.stack("data", {"Table": table()}, protected=protected)
    lab.deploy(stack)
    assert beside(lab, stack) is None
    api = lab.client("cloudformation")
    api.set_stack_policy(StackName="lab-data", StackPolicyBody=json.dumps(DENY_ALL))
    assert beside(lab, stack) == PropertyDrift(
        "StackPolicy", stack.policy(), stack.policy(), DENY_ALL
    )
    waiting = replace(stack, protected=not protected)  # the settings say otherwise now
    assert beside(lab, waiting) == PropertyDrift(
        "StackPolicy", waiting.policy(), stack.policy(), DENY_ALL
    )


def test_termination_protection_that_was_changed_by_hand_is_drift(lab: Any) -> None:
    stack = lab.stack("data", {"Table": table()}, protected=True)
    lab.deploy(stack)
    api = lab.client("cloudformation")
    api.update_termination_protection(StackName="lab-data", EnableTerminationProtection=False)
    assert beside(lab, stack) == PropertyDrift("TerminationProtection", True, True, False)


def test_protection_that_waits_for_its_deployment_is_no_drift(lab: Any) -> None:
    stack = lab.stack("data", {"Table": table()}, protected=False)
    lab.deploy(stack)
    assert beside(lab, replace(stack, protected=True)) is None


def test_other_code_than_the_deployed_one_is_drift(deployed: Target) -> None:
    """Code is compared with what the deployed key names, so only where that code is at hand."""
    compute = deployed.stacks["compute"]
    client = deployed.account.client("lambda", compute.region)
    name = "payments-full-session-manager"
    bucket = deployed.outputs("storage") or {}
    place = {"S3Bucket": bucket["ArtifactsBucketName"], "S3Key": "functions/other.zip"}
    other = Code((("functions/session_manager.py", b"def handler(event, context): ...\n"),))
    s3 = deployed.account.client("s3", compute.region)
    s3.put_object(Bucket=place["S3Bucket"], Key=place["S3Key"], Body=other.zip())
    client.update_function_code(FunctionName=name, **place)
    try:
        (layer,) = look_for_drift(deployed, ["compute"])
        assert {one.logical_id for one in layer.drifted} == {"SessionManagerFunction"}
        assert [one.path for one in layer.drifted[0].properties] == ["CodeSha256"]
    finally:
        place["S3Key"] = deployed.code.key
        client.update_function_code(FunctionName=name, **place)


def test_values_of_secret_parameters_are_not_compared(lab: Any) -> None:
    queue = {
        "Type": "AWS::SQS::Queue",
        "Properties": {"QueueName": "q", "KmsMasterKeyId": {"Ref": "ApiSecret"}},
    }
    stack = lab.stack("data", {"Queue": queue}, parameters={"ApiSecret": "alias/one"})
    document = json.loads(stack.template.text)
    document["Parameters"]["ApiSecret"]["NoEcho"] = True
    stack = replace(stack, template=Template("data", json.dumps(document)))
    lab.deploy(stack)
    assert look(lab, stack)["data"].drifted == ()


def test_the_account_is_checked_first(lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    target = lab.target(lab.stack("data", {"Note": lab.note()}))
    target.account.client("sts", target.home_region)  # with the credentials of another account
    monkeypatch.setattr(target.account, "account_id", "123456789012")
    with pytest.raises(RefusedError):
        list(look_for_drift(target, target.stacks))
