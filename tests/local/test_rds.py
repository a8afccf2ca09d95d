"""RDS in the local AWS: what it makes beside a database, and what it refuses as on AWS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.local.conftest import Account

pytestmark = pytest.mark.slow


def network(*zones: str) -> dict[str, Any]:
    subnets = {
        f"Subnet{n}": {
            "Type": "AWS::EC2::Subnet",
            "Properties": {
                "VpcId": {"Ref": "Vpc"},
                "CidrBlock": f"10.0.{n}.0/24",
                "AvailabilityZone": zone,
            },
        }
        for n, zone in enumerate(zones)
    }
    group = {
        "DBSubnetGroupName": "places",
        "DBSubnetGroupDescription": "two",
        "SubnetIds": [{"Ref": name} for name in subnets],
    }
    return {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        **subnets,
        "Places": {"Type": "AWS::RDS::DBSubnetGroup", "Properties": group},
    }


def database(**more: Any) -> dict[str, Any]:
    properties = {
        "DBInstanceIdentifier": "jobs",
        "DBInstanceClass": "db.t4g.micro",
        "Engine": "postgres",
        "AllocatedStorage": "20",
        "StorageType": "gp3",
        "MasterUsername": "owner",
        "ManageMasterUserPassword": True,
        "DBSubnetGroupName": {"Ref": "Places"},
        **more,
    }
    return {
        "Database": {
            "Type": "AWS::RDS::DBInstance",
            "DeletionPolicy": "Snapshot",
            "Properties": properties,
        }
    }


ZONES = ("us-east-1a", "us-east-1b")
SECRET = {"Fn::GetAtt": ["Database", "MasterUserSecret.SecretArn"]}


def reasons(account: Account, stack: str) -> str:
    events = account.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
    return "\n".join(event.get("ResourceStatusReason", "") for event in events)


def test_the_password_is_a_secret_that_goes_with_the_database(account: Account) -> None:
    resources = {**network(*ZONES), **database()}
    made = account.deploy("data", resources, outputs={"Secret": SECRET})
    secret = made["Outputs"]["Secret"]
    assert ":secret:rds!db-" in secret
    secrets = account.client("secretsmanager")
    value = json.loads(secrets.get_secret_value(SecretId=secret)["SecretString"])
    assert value["username"] == "owner"
    # An update makes no second one.
    resources["Database"]["Properties"]["AllocatedStorage"] = "30"
    again = account.deploy("data", resources, outputs={"Secret": SECRET})
    assert (again["StackStatus"], again["Outputs"]) == ("UPDATE_COMPLETE", {"Secret": secret})
    account.delete("data")
    assert secrets.list_secrets()["SecretList"] == []
    (snapshot,) = account.client("rds").describe_db_snapshots()["DBSnapshots"]
    assert snapshot["DBInstanceIdentifier"] == "jobs"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"MasterUserPassword": "secret12"}, "when ManageMasterUserPassword is enabled"),
        ({"AllocatedStorage": "19"}, "Invalid storage size for engine name postgres"),
        ({"AllocatedStorage": "90", "StorageType": "io1"}, "storage type io1: 90"),
        ({"BackupRetentionPeriod": "36"}, "Must be between 0 and 35"),
    ],
)
def test_what_rds_does_not_take_fails(account: Account, more: dict[str, Any], said: str) -> None:
    made = account.deploy("data", {**network(*ZONES), **database(**more)})
    assert made["StackStatus"] == "ROLLBACK_COMPLETE"
    assert said in reasons(account, "data")


def test_other_engines_and_kinds_of_storage_have_ranges_of_their_own(account: Account) -> None:
    managed = {"ManageMasterUserPassword": False, "MasterUserPassword": "secret12"}
    magnetic = database(StorageType="standard", AllocatedStorage="5", **managed)
    assert (
        account.deploy("one", {**network(*ZONES), **magnetic})["StackStatus"] == "CREATE_COMPLETE"
    )
    assert account.client("secretsmanager").list_secrets()["SecretList"] == []
    sqlserver = database(
        DBInstanceIdentifier="two", Engine="sqlserver-ex", AllocatedStorage="10",
        DBSubnetGroupName="places",
    )  # fmt: skip
    assert account.deploy("two", sqlserver)["StackStatus"] == "CREATE_COMPLETE"


def test_storage_does_not_shrink(account: Account) -> None:
    resources = {**network(*ZONES), **database(AllocatedStorage="50")}
    account.deploy("data", resources)
    resources["Database"]["Properties"]["AllocatedStorage"] = "40"
    ended = account.deploy("data", resources)
    assert ended["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "cannot be less than the current storage size (GiB): 50" in reasons(account, "data")


def test_a_subnet_group_covers_two_zones(account: Account) -> None:
    made = account.deploy("data", network("us-east-1a", "us-east-1a"))
    assert made["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "Current coverage: 1" in reasons(account, "data")


def test_a_subnet_group_stays_while_a_database_is_in_it(account: Account) -> None:
    account.deploy("places", network(*ZONES))
    account.deploy("data", database(DBSubnetGroupName="places"))
    cloudformation = account.client("cloudformation")
    cloudformation.delete_stack(StackName="places")
    assert account.settled("places")["StackStatus"] == "DELETE_FAILED"
    assert "at least one database instance: jobs is still using it." in reasons(account, "places")


def test_a_group_that_other_databases_are_not_in_may_go(account: Account) -> None:
    other = network(*ZONES)
    other["Places"]["Properties"]["DBSubnetGroupName"] = "elsewhere"
    account.deploy("empty", other)
    account.deploy("data", {**network(*ZONES), **database()})
    account.delete("empty")
    groups = account.client("rds").describe_db_subnet_groups()["DBSubnetGroups"]
    assert [group["DBSubnetGroupName"] for group in groups] == ["places"]


def test_a_change_set_says_what_the_schema_calls_conditional(account: Account) -> None:
    """Replacement and RequiresRecreation in the CloudFormation API reference."""
    resources = {**network(*ZONES), **database(BackupRetentionPeriod=7)}
    account.deploy("data", resources)
    resources["Database"]["Properties"] |= {"BackupRetentionPeriod": 14, "AllocatedStorage": "30"}
    (change,) = account.change_set("data", resources)["Changes"]
    told = change["ResourceChange"]
    assert told["Replacement"] == "Conditional"
    assert {
        one["Target"]["Name"]: one["Target"]["RequiresRecreation"] for one in told["Details"]
    } == {"BackupRetentionPeriod": "Conditionally", "AllocatedStorage": "Never"}
    before = account.client("rds").describe_db_instances()["DBInstances"][0]["DbiResourceId"]
    assert account.deploy("data", resources)["StackStatus"] == "UPDATE_COMPLETE"
    after = account.client("rds").describe_db_instances()["DBInstances"][0]["DbiResourceId"]
    assert after == before
