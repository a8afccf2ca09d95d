"""Resource types with data, or with an identity that others depend on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tapgen.model.layer import METADATA_KEY, REGENERABLE_KEY

# cfn-lint's list (AdditionalSpecs/StatefulResources.json; a test compares), and types not in it:
# the hosted zone, whose name servers are entered in the parent zone, so that a new one cuts the
# domain off; and databases, stores and streams that according to their schemas can be protected
# against deletion, backed up or restored, or that contain only their users' data.
STATEFUL_TYPES: Final = frozenset(
    {
        "AWS::AmazonMQ::Broker",
        "AWS::Backup::BackupVault",
        "AWS::Cassandra::Keyspace",
        "AWS::Cassandra::Table",
        "AWS::CloudFormation::Stack",
        "AWS::CloudHSM::Cluster",
        "AWS::CloudTrail::EventDataStore",
        "AWS::CodeArtifact::Domain",
        "AWS::CodeArtifact::Repository",
        "AWS::CodeCommit::Repository",
        "AWS::Cognito::UserPool",
        "AWS::DSQL::Cluster",
        "AWS::DocDB::DBCluster",
        "AWS::DocDB::DBInstance",
        "AWS::DocDB::GlobalCluster",
        "AWS::DocDBElastic::Cluster",
        "AWS::DynamoDB::GlobalTable",
        "AWS::DynamoDB::Table",
        "AWS::EC2::Volume",
        "AWS::ECR::Repository",
        "AWS::EFS::FileSystem",
        "AWS::EMR::Cluster",
        "AWS::ElastiCache::CacheCluster",
        "AWS::ElastiCache::ReplicationGroup",
        "AWS::ElastiCache::ServerlessCache",
        "AWS::Elasticsearch::Domain",
        "AWS::FSx::FileSystem",
        "AWS::FSx::Volume",
        "AWS::KMS::Key",
        "AWS::KMS::ReplicaKey",
        "AWS::Kinesis::Stream",
        "AWS::Lightsail::Database",
        "AWS::Lightsail::Disk",
        "AWS::Logs::LogGroup",
        "AWS::MSK::Cluster",
        "AWS::MSK::ServerlessCluster",
        "AWS::MemoryDB::Cluster",
        "AWS::Neptune::DBCluster",
        "AWS::Neptune::DBInstance",
        "AWS::Neptune::GlobalCluster",
        "AWS::NeptuneGraph::Graph",
        "AWS::OpenSearchServerless::Collection",
        "AWS::OpenSearchService::Domain",
        "AWS::Organizations::Account",
        "AWS::QLDB::Ledger",
        "AWS::RDS::DBCluster",
        "AWS::RDS::DBInstance",
        "AWS::RDS::GlobalCluster",
        "AWS::Redshift::Cluster",
        "AWS::RedshiftServerless::Namespace",
        "AWS::Route53::HostedZone",
        "AWS::S3::Bucket",
        "AWS::S3Express::DirectoryBucket",
        "AWS::S3Tables::Table",
        "AWS::S3Tables::TableBucket",
        "AWS::S3Vectors::Index",
        "AWS::S3Vectors::VectorBucket",
        "AWS::SDB::Domain",
        "AWS::SQS::Queue",
        "AWS::SSMIncidents::ReplicationSet",
        "AWS::SecretsManager::Secret",
        "AWS::Timestream::Database",
        "AWS::Timestream::InfluxDBInstance",
        "AWS::Timestream::Table",
        "AWS::VerifiedPermissions::PolicyStore",
    }
)

# Types that outlive their stack and are found again, to be taken over by a later deployment or
# purged -> the property with the name. `aws.resources.retained` finds exactly these; for other
# types AWS's schemas are used (`review.retention`).
FOUND_AGAIN: Final = {
    "AWS::Cognito::UserPool": "UserPoolName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::KMS::Key": "",  # it is found by its retained alias
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::Route53::HostedZone": "Name",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SecretsManager::Secret": "Name",
}

# Snapshots of a resource: when one is deleted, the next one has already replaced it.
SNAPSHOT_TYPES: Final = frozenset(
    {"AWS::ApiGateway::Deployment", "AWS::Lambda::LayerVersion", "AWS::Lambda::Version"}
)

# Properties that protect a resource against deletion, and the values that switch this on.
DELETION_PROTECTION: Final = ("DeletionProtection", "DeletionProtectionEnabled")
PROTECTED: Final = (True, "true", "ACTIVE", "ENABLED")


def marked(resource: Mapping[str, Any]) -> bool:
    """True if a declared resource is marked as regenerable."""
    return REGENERABLE_KEY in resource.get("Metadata", {}).get(METADATA_KEY, {})


def regenerable(resource: Mapping[str, Any]) -> bool:
    """True if the loss of a stateful resource does no harm: a marked, generated secret."""
    return marked(resource) and "GenerateSecretString" in resource.get("Properties", {})


def holds_data(resource: Mapping[str, Any]) -> bool:
    """True if a declared resource has data that would be lost with it."""
    return resource["Type"] in STATEFUL_TYPES and not regenerable(resource)


def stateful_in(document: Mapping[str, Any]) -> frozenset[str]:
    """Logical ids of a template's resources with data."""
    return frozenset(name for name, one in document["Resources"].items() if holds_data(one))
