"""Verification of an environment that tapgen deployed into the local AWS, and of what drifted."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from tapgen.deploy.observe.checks import LIVE, Check, unseen
from tapgen.deploy.observe.verify import verify, verify_stacks
from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError
from tapgen.local.client import api_url
from tapgen.model.templates.template import Template
from tests.lab import with_stacks
from tests.waiting import update_table

if TYPE_CHECKING:
    from tapgen.local.client import LocalAws

pytestmark = pytest.mark.slow

PREFIX = "payments-full"
Client = Callable[[str], Any]


def failures(checks: Any) -> dict[tuple[str, str, str], Check]:
    return {
        (check.layer, check.logical_id, check.property): check
        for check in checks
        if check.ok is False
    }


def part(deployed: Target, *layers: str) -> Target:
    return with_stacks(deployed, *(deployed.stacks[layer] for layer in layers))


def with_template(deployed: Target, layer: str, change: Callable[[dict[str, Any]], None]) -> Target:
    """The same environment with another declaration of one layer."""
    stack = deployed.stacks[layer]
    document = copy.deepcopy(stack.template.document)
    change(document)
    return with_stacks(deployed, replace(stack, template=Template(layer, json.dumps(document))))


@pytest.fixture
def client(deployed: Target) -> Client:
    return lambda service: deployed.account.client(service, deployed.stacks["data"].region)


def test_what_tapgen_deploys_is_as_declared(deployed: Target, local_aws: LocalAws) -> None:
    checks = list(verify(deployed, lambda url: api_url(local_aws, url)))
    assert failures(checks) == {}
    assert {check.layer for check in checks} == {*deployed.stacks, LIVE}
    seen = {(check.layer, check.logical_id) for check in checks if check.ok}
    for layer, stack in deployed.stacks.items():
        resources = deployed.cloudformation(stack).resources(stack.name)
        assert {(layer, logical_id) for logical_id in resources} <= seen


def test_reading_only_stores_nothing(deployed: Target, local_aws: LocalAws, client: Client) -> None:
    def count() -> int:
        answer = client("dynamodb").scan(TableName=f"{PREFIX}-transactions", Select="COUNT")
        return int(answer["Count"])

    before = count()
    checks = list(verify(deployed, lambda url: api_url(local_aws, url), read_only=True))
    assert not failures(checks)
    assert any(check.layer == LIVE for check in checks)
    assert count() == before


@dataclass(frozen=True)
class Drift:
    """A change past CloudFormation, how to take it back, and the check that has to find it."""

    layer: str
    found: tuple[str, str]
    change: Callable[[Client], Callable[[], Any]]


def _memory(client: Client) -> Callable[[], Any]:
    functions, name = client("lambda"), f"{PREFIX}-payment-processor"
    before = functions.get_function_configuration(FunctionName=name)["MemorySize"]
    functions.update_function_configuration(FunctionName=name, MemorySize=128)
    return lambda: functions.update_function_configuration(FunctionName=name, MemorySize=before)


def _retention(client: Client) -> Callable[[], Any]:
    logs, name = client("logs"), f"/aws/lambda/{PREFIX}-session-manager"
    logs.delete_retention_policy(logGroupName=name)
    return lambda: logs.put_retention_policy(logGroupName=name, retentionInDays=400)


def _recovery(client: Client) -> Callable[[], Any]:
    dynamodb, name = client("dynamodb"), f"{PREFIX}-transactions"

    def switch(*, on: bool) -> None:
        dynamodb.update_continuous_backups(
            TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": on}
        )

    switch(on=False)
    return lambda: switch(on=True)


def _expiry(client: Client) -> Callable[[], Any]:
    dynamodb, name = client("dynamodb"), f"{PREFIX}-sessions"

    def switch(*, on: bool) -> None:
        dynamodb.update_time_to_live(
            TableName=name,
            TimeToLiveSpecification={"AttributeName": "expiresAt", "Enabled": on},
        )

    switch(on=False)
    return lambda: switch(on=True)


def _bucket_name(client: Client, purpose: str) -> str:
    region = client("s3").meta.region_name
    return f"{PREFIX}-{purpose}-555555555555-{region}"


def _public_bucket(client: Client) -> Callable[[], Any]:
    s3, name = client("s3"), _bucket_name(client, "artifacts")
    before = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    s3.delete_public_access_block(Bucket=name)
    return lambda: s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=before)


def _plain_http(client: Client) -> Callable[[], Any]:
    s3, name = client("s3"), _bucket_name(client, "api-logs")
    before = s3.get_bucket_policy(Bucket=name)["Policy"]
    s3.delete_bucket_policy(Bucket=name)
    return lambda: s3.put_bucket_policy(Bucket=name, Policy=before)


def _open_group(client: Client) -> Callable[[], Any]:
    ec2 = client("ec2")
    groups = ec2.describe_security_groups()["SecurityGroups"]
    group = next(g["GroupId"] for g in groups if g["Description"].startswith("Functions:"))
    rule = {
        "GroupId": group,
        "IpPermissions": [
            {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "oops"}]}
        ],
    }
    ec2.authorize_security_group_ingress(**rule)
    return lambda: ec2.revoke_security_group_ingress(**rule)


def _wildcard(client: Client) -> Callable[[], Any]:
    return _more_rights(client, "PaymentProcessorRole", "more", "dynamodb:*")


def _inline_policy(client: Client) -> Callable[[], Any]:
    """A policy without a wildcard, so that nothing but the policy itself tells."""
    return _more_rights(client, "SessionManagerRole", "byHand", "sqs:SendMessage")


def _more_rights(client: Client, role: str, policy: str, action: str) -> Callable[[], Any]:
    iam = client("iam")
    roles = [found["RoleName"] for found in iam.list_roles()["Roles"]]
    name = next(found for found in roles if role in found)
    document = {"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}
    iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document))
    return lambda: iam.delete_role_policy(RoleName=name, PolicyName=policy)


def _routing(client: Client) -> Callable[[], Any]:
    functions, name = client("lambda"), f"{PREFIX}-payment-processor"
    declared = functions.get_function_configuration(FunctionName=name)["Description"]
    functions.update_function_configuration(FunctionName=name, Description="another version")
    version = functions.publish_version(FunctionName=name)["Version"]
    functions.update_function_configuration(FunctionName=name, Description=declared)
    weights = {"AdditionalVersionWeights": {version: 0.5}}
    functions.update_alias(FunctionName=name, Name="live", RoutingConfig=weights)
    whole: dict[str, Any] = {"AdditionalVersionWeights": {}}
    return lambda: functions.update_alias(FunctionName=name, Name="live", RoutingConfig=whole)


def _unconcerned(client: Client) -> Callable[[], Any]:
    functions, name = client("lambda"), f"{PREFIX}-payment-processor"
    functions.delete_function_concurrency(FunctionName=name)
    return lambda: functions.put_function_concurrency(
        FunctionName=name, ReservedConcurrentExecutions=5
    )


DRIFTS = {
    "memory": Drift("compute", ("PaymentProcessorFunction", "MemorySize"), _memory),
    "retention": Drift("compute", ("SessionManagerLogGroup", "RetentionInDays"), _retention),
    "recovery": Drift(
        "data",
        (
            "TransactionsTable",
            "PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled",
        ),
        _recovery,
    ),
    "expiry": Drift("data", ("SessionsTable", "TimeToLiveSpecification/Enabled"), _expiry),
    "public bucket": Drift(
        "storage",
        ("ArtifactsBucket", "PublicAccessBlockConfiguration/BlockPublicPolicy"),
        _public_bucket,
    ),
    "bucket policy": Drift("storage", ("ApiLogsBucketPolicy", "Type"), _plain_http),
    "open group": Drift("network", ("LambdaSecurityGroup", "SecurityGroupIngress/0"), _open_group),
    "wildcard": Drift("compute", ("PaymentProcessorRole", "WildcardActions/0"), _wildcard),
    "inline policy": Drift(
        "compute", ("SessionManagerRole", "Policies/byHand"), _inline_policy
    ),
    "routing": Drift("compute", ("PaymentProcessorAlias", "RoutingConfig"), _routing),
    "concurrency": Drift(
        "compute", ("PaymentProcessorFunction", "ReservedConcurrentExecutions"), _unconcerned
    ),
}  # fmt: skip


@pytest.mark.parametrize("drift", DRIFTS.values(), ids=DRIFTS)
def test_drift_is_found_and_nothing_else(deployed: Target, client: Client, drift: Drift) -> None:
    layers = {"compute": ("network", "data", "storage", "compute"), "storage": ("data", "storage")}
    target = part(deployed, *layers.get(drift.layer, (drift.layer,)))
    with ExitStack() as undone:
        undone.callback(drift.change(client))
        found = failures(verify_stacks(target))
        assert (drift.layer, *drift.found) in found
        assert {key[:2] for key in found} == {(drift.layer, drift.found[0])}
    assert not failures(verify_stacks(target))


def test_autoscaled_capacity_is_as_declared(deployed: Target, client: Client) -> None:
    dynamodb, name = client("dynamodb"), f"{PREFIX}-idempotency"

    def provide(units: int) -> None:
        throughput = {"ReadCapacityUnits": units, "WriteCapacityUnits": units}
        update_table(dynamodb, name, ProvisionedThroughput=throughput)

    with ExitStack() as undone:
        undone.callback(provide, 100)
        provide(700)
        assert not failures(verify_stacks(part(deployed, "data")))
        provide(1)
        assert len(failures(verify_stacks(part(deployed, "data")))) == 2


def test_resources_that_are_gone_are_found(deployed: Target, client: Client) -> None:
    functions, name = client("lambda"), f"{PREFIX}-session-manager"
    alias = functions.get_alias(FunctionName=name, Name="live")
    zones, zone = client("route53"), (deployed.outputs("zone") or {})["HostedZoneId"]
    records = zones.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    record = next(record for record in records if record["Type"] == "AAAA")

    def change_record(action: str) -> None:
        changes = [{"Action": action, "ResourceRecordSet": record}]
        zones.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})

    def restore_alias() -> None:
        functions.create_alias(
            FunctionName=name, Name="live", FunctionVersion=alias["FunctionVersion"]
        )

    with ExitStack() as undone:
        functions.delete_alias(FunctionName=name, Name="live")
        undone.callback(restore_alias)
        change_record("DELETE")
        undone.callback(change_record, "CREATE")
        found = failures(verify_stacks(deployed))
    assert found["compute", "SessionManagerAlias", "Type"].actual == "not found"
    assert found["dns", "AliasIpv6", "Type"].actual == "not found"


def test_what_is_deployed_but_not_declared_is_found(deployed: Target) -> None:
    def forget(document: dict[str, Any]) -> None:
        del document["Resources"]["KeyAlias"]

    found = failures(verify_stacks(with_template(deployed, "data", forget)))
    assert found["data", "KeyAlias", "Type"].declared is None
    assert found["data", "", "Template"].actual == "another template"


def test_what_is_declared_but_not_deployed_is_found(deployed: Target) -> None:
    def invent(document: dict[str, Any]) -> None:
        document["Resources"]["Another"] = {"Type": "AWS::SNS::Topic"}

    found = failures(verify_stacks(with_template(deployed, "data", invent)))
    assert found["data", "Another", "Type"].declared == "AWS::SNS::Topic"


def test_a_type_without_reader_is_not_called_right(deployed: Target) -> None:
    def exotic(document: dict[str, Any]) -> None:
        document["Resources"]["KeyAlias"]["Type"] = "AWS::QLDB::Ledger"

    checks = verify_stacks(with_template(deployed, "data", exotic))
    (check,) = [check for check in checks if check.logical_id == "KeyAlias"]
    assert check.ok is None
    assert check.declared == "AWS::QLDB::Ledger"


def test_what_could_not_be_looked_at_is_not_called_different(deployed: Target) -> None:
    def break_it(document: dict[str, Any]) -> None:
        document["Resources"]["SessionsTableReadTarget"]["Properties"]["ResourceId"] = 5

    checks = list(verify_stacks(with_template(deployed, "data", break_it)))
    (check,) = (check for check in checks if unseen(check))
    assert (check.logical_id, check.ok) == ("SessionsTableReadTarget", None)
    assert check.actual.startswith("reading AWS::ApplicationAutoScaling::ScalableTarget")
    assert ("data", "SessionsTableReadTarget", "Type") not in failures(checks)


def test_stack_settings_are_compared(deployed: Target) -> None:
    stack = replace(deployed.stacks["data"], tags={"Project": "other"}, protected=False)
    found = failures(verify_stacks(with_stacks(deployed, stack)))
    assert {key[2] for key in found if not key[1]} == {
        "Tags/Project",
        "StackPolicy/Statement/1",
        "TerminationProtection",
    }


def test_a_stack_that_is_not_there_is_one_failure(deployed: Target) -> None:
    stack = replace(deployed.stacks["data"], name="payments-other-data")
    (check,) = verify_stacks(with_stacks(deployed, stack))
    assert check.ok is False
    assert check.actual == "ABSENT"


def test_another_account_is_refused(deployed: Target) -> None:
    stack = replace(deployed.stacks["data"], account_id="123")
    connection = deployed.account.connection
    target = Target.of(deployed.platform, [stack], deployed.code, connection)
    with pytest.raises(RefusedError):
        list(verify(target, lambda url: (url, {})))


def test_a_platform_without_live_checks_is_verified_by_its_stacks_alone(deployed: Target) -> None:
    plain = replace(part(deployed, "network"), platform=replace(deployed.platform, live_checks=""))
    checks = list(verify(plain, lambda url: (url, {})))
    assert checks == list(verify_stacks(plain))
    assert {check.layer for check in checks} == {"network"}


def test_a_type_without_a_reader_is_compared_by_its_schema(lab: Any) -> None:
    database = {
        "Type": "AWS::RDS::DBInstance",
        "Properties": {
            "DBInstanceIdentifier": "Orders",  # RDS has it in lower case
            "DBInstanceClass": "db.t4g.micro",
            "AllocatedStorage": "20",
            "Engine": "postgres",
            "EngineVersion": "16",
            "ManageMasterUserPassword": True,
            "MasterUsername": "root",
            "BackupRetentionPeriod": 7,
        },
    }
    wait = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
    target = lab.target(stack := lab.stack("data", {"Database": database, "Wait": wait}))
    lab.deploy(stack)
    checks = list(verify_stacks(target))
    assert failures(checks) == {}
    seen = {check.property: check.ok for check in checks if check.logical_id == "Database"}
    assert seen["DBInstanceIdentifier"] is seen["EngineVersion"] is True
    assert seen["BackupRetentionPeriod"] is True
    (waiting,) = (check for check in checks if check.logical_id == "Wait")
    assert (waiting.property, waiting.ok, unseen(waiting)) == ("Type", None, False)
    assert "AWS cannot read" in str(waiting.actual)
    lab.client("rds").modify_db_instance(
        DBInstanceIdentifier="Orders", BackupRetentionPeriod=1, ApplyImmediately=True
    )
    found = failures(verify_stacks(target))
    assert {name: check.actual for name, check in found.items()} == {
        ("data", "Database", "BackupRetentionPeriod"): 1
    }
