"""Resource types that hold data, or an identity that others rely on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tapgen.model.layer import METADATA_KEY, REGENERABLE_KEY

# cfn-lint's list (AdditionalSpecs/StatefulResources.json; a test compares), and the hosted zone:
# its name servers are entered in the parent zone, so a new one cuts the domain off.
STATEFUL_TYPES: Final = frozenset(
    {
        "AWS::Backup::BackupVault",
        "AWS::CloudFormation::Stack",
        "AWS::Cognito::UserPool",
        "AWS::DocDB::DBCluster",
        "AWS::DocDB::DBInstance",
        "AWS::DynamoDB::GlobalTable",
        "AWS::DynamoDB::Table",
        "AWS::EC2::Volume",
        "AWS::EFS::FileSystem",
        "AWS::EMR::Cluster",
        "AWS::ElastiCache::CacheCluster",
        "AWS::ElastiCache::ReplicationGroup",
        "AWS::Elasticsearch::Domain",
        "AWS::FSx::FileSystem",
        "AWS::KMS::Key",
        "AWS::Kinesis::Stream",
        "AWS::Logs::LogGroup",
        "AWS::Neptune::DBCluster",
        "AWS::Neptune::DBInstance",
        "AWS::OpenSearchService::Domain",
        "AWS::Organizations::Account",
        "AWS::QLDB::Ledger",
        "AWS::RDS::DBCluster",
        "AWS::RDS::DBInstance",
        "AWS::Redshift::Cluster",
        "AWS::Route53::HostedZone",
        "AWS::S3::Bucket",
        "AWS::SDB::Domain",
        "AWS::SQS::Queue",
        "AWS::SecretsManager::Secret",
    }
)

# What outlives its stack and is found again, to be taken over by a later deployment or purged, with
# the property that is its name: `aws.resources.retained` says how, for exactly these. For other
# types AWS's schemas tell (`review.retention`).
FOUND_AGAIN: Final = {
    "AWS::Cognito::UserPool": "UserPoolName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::KMS::Key": "",  # its retained alias is
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::Route53::HostedZone": "Name",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SecretsManager::Secret": "Name",
}

# What a resource was at one moment: when it goes, the next one has taken its place already.
SNAPSHOT_TYPES: Final = frozenset(
    {"AWS::ApiGateway::Deployment", "AWS::Lambda::LayerVersion", "AWS::Lambda::Version"}
)

# Properties by which a resource refuses to be deleted, and the values that switch that on.
DELETION_PROTECTION: Final = ("DeletionProtection", "DeletionProtectionEnabled")
PROTECTED: Final = (True, "true", "ACTIVE", "ENABLED")


def marked(resource: Mapping[str, Any]) -> bool:
    """Whether a declared resource says of itself that it may be made anew."""
    return REGENERABLE_KEY in resource.get("Metadata", {}).get(METADATA_KEY, {})


def regenerable(resource: Mapping[str, Any]) -> bool:
    """Whether nothing is lost with a stateful resource: a generated secret that is marked."""
    return marked(resource) and "GenerateSecretString" in resource.get("Properties", {})


def holds_data(resource: Mapping[str, Any]) -> bool:
    """Whether a declared resource holds data that would be lost with it."""
    return resource["Type"] in STATEFUL_TYPES and not regenerable(resource)


def stateful_in(document: Mapping[str, Any]) -> frozenset[str]:
    """Logical ids of the resources of a template that hold data."""
    return frozenset(name for name, one in document["Resources"].items() if holds_data(one))
