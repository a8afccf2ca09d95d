"""The current state of resources in the form of their schema, read from their services.

A type is included only if its service's full state can be expressed in that form. All others are
not read, because a response that misses changes made by hand would be worse.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tapgen.local.caller import call
from tapgen.local.schemas import told as told_properties

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Properties = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Live:
    """How one type is read, and how its resources in the account and region are listed."""

    read: Callable[[str], Properties]
    identifiers: Callable[[], list[str]]


def shaped(kind: str, told: Mapping[str, Any], **own: Any) -> Properties:
    """A service's values by the names of properties, without empty ones.

    Services and schemas mostly use the same names, except for capital letters.
    """
    names = {name.lower(): name for name in told_properties(kind)}
    found = {names[key.lower()]: value for key, value in told.items() if key.lower() in names}
    values = {**found, **own}
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def optional(service: str, operation: str, **parameters: Any) -> dict[str, Any]:
    """The response of a call, empty if there is no such setting."""
    try:
        answer: dict[str, Any] = call(service, operation, **parameters)
    except ClientError as error:
        if "NotFound" not in error.response["Error"]["Code"]:
            raise
        return {}
    return answer


def _capitalised(value: Any) -> Any:
    """The value with capitalised keys, as in schemas, for services that use lower case."""
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: _capitalised(part) for key, part in value.items()}
    return [_capitalised(part) for part in value] if isinstance(value, list) else value


def _rds_tags(arn: str) -> Any:
    return call("rds", "ListTagsForResource", ResourceName=arn)["TagList"]


def _instance(name: str) -> Properties:
    (found,) = call("rds", "DescribeDBInstances", DBInstanceIdentifier=name)["DBInstances"]
    return shaped(
        "AWS::RDS::DBInstance",
        found,
        AllocatedStorage=str(found["AllocatedStorage"]),
        DBParameterGroupName=found["DBParameterGroups"][0]["DBParameterGroupName"],
        DBSubnetGroupName=found["DBSubnetGroup"]["DBSubnetGroupName"],
        EnableIAMDatabaseAuthentication=found.get("IAMDatabaseAuthenticationEnabled"),
        EnablePerformanceInsights=found.get("PerformanceInsightsEnabled"),
        Port=str(found["Endpoint"]["Port"]),
        Tags=_rds_tags(found["DBInstanceArn"]),
        VPCSecurityGroups=[one["VpcSecurityGroupId"] for one in found["VpcSecurityGroups"]],
    )


def _instances() -> list[str]:
    found = call("rds", "DescribeDBInstances")["DBInstances"]
    return [str(one["DBInstanceIdentifier"]) for one in found]


def _cluster(name: str) -> Properties:
    (found,) = call("rds", "DescribeDBClusters", DBClusterIdentifier=name)["DBClusters"]
    return shaped(
        "AWS::RDS::DBCluster",
        found,
        DBClusterParameterGroupName=found.get("DBClusterParameterGroup"),
        DBSubnetGroupName=found.get("DBSubnetGroup"),
        EnableIAMDatabaseAuthentication=found.get("IAMDatabaseAuthenticationEnabled"),
        Tags=_rds_tags(found["DBClusterArn"]),
        VpcSecurityGroupIds=[one["VpcSecurityGroupId"] for one in found["VpcSecurityGroups"]],
    )


def _clusters() -> list[str]:
    found = call("rds", "DescribeDBClusters")["DBClusters"]
    return [str(one["DBClusterIdentifier"]) for one in found]


def _subnet_group(name: str) -> Properties:
    (found,) = call("rds", "DescribeDBSubnetGroups", DBSubnetGroupName=name)["DBSubnetGroups"]
    return shaped(
        "AWS::RDS::DBSubnetGroup",
        found,
        SubnetIds=[subnet["SubnetIdentifier"] for subnet in found["Subnets"]],
        Tags=_rds_tags(found["DBSubnetGroupArn"]),
    )


def _subnet_groups() -> list[str]:
    found = call("rds", "DescribeDBSubnetGroups")["DBSubnetGroups"]
    return [str(one["DBSubnetGroupName"]) for one in found]


def _stream(name: str) -> Properties:
    found = call("kinesis", "DescribeStreamSummary", StreamName=name)["StreamDescriptionSummary"]
    encryption = {"EncryptionType": found.get("EncryptionType"), "KeyId": found.get("KeyId")}
    return shaped(
        "AWS::Kinesis::Stream",
        found,
        Name=name,
        ShardCount=found["OpenShardCount"],
        StreamEncryption=encryption if found.get("EncryptionType") == "KMS" else None,
        Tags=call("kinesis", "ListTagsForStream", StreamName=name)["Tags"],
    )


def _streams() -> list[str]:
    return [str(name) for name in call("kinesis", "ListStreams")["StreamNames"]]


def _repository(name: str) -> Properties:
    (found,) = call("ecr", "DescribeRepositories", repositoryNames=[name])["repositories"]
    lifecycle = optional("ecr", "GetLifecyclePolicy", repositoryName=name)
    policy = optional("ecr", "GetRepositoryPolicy", repositoryName=name).get("policyText")
    text = {"LifecyclePolicyText": lifecycle.get("lifecyclePolicyText")}
    return shaped(
        "AWS::ECR::Repository",
        _capitalised(found),
        LifecyclePolicy=text if lifecycle else None,
        RepositoryPolicyText=json.loads(policy) if policy else None,
        Tags=call("ecr", "ListTagsForResource", resourceArn=found["repositoryArn"])["tags"],
    )


def _repositories() -> list[str]:
    found = call("ecr", "DescribeRepositories")["repositories"]
    return [str(one["repositoryName"]) for one in found]


def _file_system(identifier: str) -> Properties:
    (found,) = call("efs", "DescribeFileSystems", FileSystemId=identifier)["FileSystems"]
    backup = optional("efs", "DescribeBackupPolicy", FileSystemId=identifier)
    lifecycle = call("efs", "DescribeLifecycleConfiguration", FileSystemId=identifier)
    return shaped(
        "AWS::EFS::FileSystem",
        found,
        BackupPolicy=backup.get("BackupPolicy"),
        FileSystemTags=found["Tags"],
        LifecyclePolicies=lifecycle["LifecyclePolicies"],
    )


def _file_systems() -> list[str]:
    return [str(one["FileSystemId"]) for one in call("efs", "DescribeFileSystems")["FileSystems"]]


def _parameter(name: str) -> Properties:
    found = call("ssm", "GetParameter", Name=name)["Parameter"]
    tags = call("ssm", "ListTagsForResource", ResourceType="Parameter", ResourceId=name)["TagList"]
    return shaped("AWS::SSM::Parameter", found, Tags={tag["Key"]: tag["Value"] for tag in tags})


def _parameters() -> list[str]:
    return [str(one["Name"]) for one in call("ssm", "DescribeParameters")["Parameters"]]


LIVE = {
    "AWS::ECR::Repository": Live(_repository, _repositories),
    "AWS::EFS::FileSystem": Live(_file_system, _file_systems),
    "AWS::Kinesis::Stream": Live(_stream, _streams),
    "AWS::RDS::DBCluster": Live(_cluster, _clusters),
    "AWS::RDS::DBInstance": Live(_instance, _instances),
    "AWS::RDS::DBSubnetGroup": Live(_subnet_group, _subnet_groups),
    "AWS::SSM::Parameter": Live(_parameter, _parameters),
}
"""The types that Cloud Control serves here."""
