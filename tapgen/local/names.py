"""Names that are in use: AWS fails the creation, MiniStack would overwrite the resource."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tapgen.local.caller import call

if TYPE_CHECKING:
    from collections.abc import Callable


def dying(secret: dict[str, Any]) -> bool:
    """Return whether a secret is scheduled for deletion, which has a different error message."""
    return "DeletedDate" in secret


@dataclass(frozen=True, slots=True)
class Lookup:
    """How to find a resource by its explicit name: the operation fails or finds nothing.

    Without `parameter`, it lists everything, and `found` searches for the name.
    """

    property: str
    service: str
    operation: str
    parameter: str
    found: Callable[[dict[str, Any], str], bool] = lambda _answer, _name: True

    def finds(self, name: str) -> bool:
        parameters = {self.parameter: name} if self.parameter else {}
        try:
            answer = call(self.service, self.operation, **parameters)
        except ClientError:
            return False
        return self.found(answer, name)


def _log_group(answer: dict[str, Any], name: str) -> bool:
    return any(group["logGroupName"] == name for group in answer["logGroups"])


def _topic(answer: dict[str, Any], name: str) -> bool:
    return any(topic["TopicArn"].rpartition(":")[2] == name for topic in answer["Topics"])


def _alarm(answer: dict[str, Any], name: str) -> bool:
    return any(alarm["AlarmName"] == name for alarm in answer["MetricAlarms"])


def _repository(answer: dict[str, Any], name: str) -> bool:
    return any(one["repositoryName"] == name for one in answer["repositories"])


LOOKUPS = {
    "AWS::CloudWatch::Alarm": Lookup("AlarmName", "cloudwatch", "DescribeAlarms", "", _alarm),
    "AWS::CloudWatch::Dashboard": Lookup(
        "DashboardName", "cloudwatch", "GetDashboard", "DashboardName"
    ),
    "AWS::CodeDeploy::Application": Lookup(
        "ApplicationName", "codedeploy", "GetApplication", "applicationName"
    ),
    "AWS::DynamoDB::Table": Lookup("TableName", "dynamodb", "DescribeTable", "TableName"),
    "AWS::ECR::Repository": Lookup(
        "RepositoryName", "ecr", "DescribeRepositories", "", _repository
    ),
    "AWS::IAM::Role": Lookup("RoleName", "iam", "GetRole", "RoleName"),
    "AWS::KMS::Alias": Lookup("AliasName", "kms", "DescribeKey", "KeyId"),
    "AWS::Kinesis::Stream": Lookup("Name", "kinesis", "DescribeStreamSummary", "StreamName"),
    "AWS::Lambda::Function": Lookup(
        "FunctionName", "lambda", "GetFunctionConfiguration", "FunctionName"
    ),
    "AWS::Logs::LogGroup": Lookup(
        "LogGroupName", "logs", "DescribeLogGroups", "logGroupNamePrefix", _log_group
    ),
    "AWS::RDS::DBCluster": Lookup(
        "DBClusterIdentifier", "rds", "DescribeDBClusters", "DBClusterIdentifier"
    ),
    "AWS::RDS::DBInstance": Lookup(
        "DBInstanceIdentifier", "rds", "DescribeDBInstances", "DBInstanceIdentifier"
    ),
    "AWS::RDS::DBSubnetGroup": Lookup(
        "DBSubnetGroupName", "rds", "DescribeDBSubnetGroups", "DBSubnetGroupName"
    ),
    "AWS::SecretsManager::Secret": Lookup(
        "Name", "secretsmanager", "DescribeSecret", "SecretId", lambda found, _: not dying(found)
    ),
    "AWS::SNS::Topic": Lookup("TopicName", "sns", "ListTopics", "", _topic),
    "AWS::SQS::Queue": Lookup("QueueName", "sqs", "GetQueueUrl", "QueueName"),
}
"""The named types of tapgen's layers, and other types with data.

MiniStack itself checks buckets, delivery streams and parameters.
"""


def refuse_taken(kind: str, properties: dict[str, Any]) -> None:
    """Raise ValueError if a resource of that type and name exists. Generated names never do."""
    lookup = LOOKUPS.get(kind)
    name = properties.get(lookup.property) if lookup else None
    if lookup and name and lookup.finds(name):
        raise ValueError(f"Resource of type '{kind}' with identifier '{name}' already exists.")
