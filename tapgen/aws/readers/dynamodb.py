"""DynamoDB tables, and the autoscaling of their capacity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tapgen.aws.readers.values import AtLeast, Properties, only, tags
from tapgen.aws.resources.retained import Region
from tapgen.aws.resources.tags import pairs

# The properties of an index in a template; the service also returns its ARN, state and size.
_INDEX = ("IndexName", "KeySchema", "Projection")
_ENABLED = frozenset({"ENABLED", "ENABLING", "UPDATING"})


def table(region: Region, name: str, declared: Mapping[str, Any]) -> Properties:
    """Autoscaled capacity may be above the declared one, which is its floor."""
    client = region.client("dynamodb")
    found = client.describe_table(TableName=name)["Table"]
    optional = {}
    if "GlobalSecondaryIndexes" in found or "GlobalSecondaryIndexes" in declared:
        optional["GlobalSecondaryIndexes"] = [
            {
                **{name: index[name] for name in _INDEX if name in index},
                "ProvisionedThroughput": _throughput(index),
            }
            for index in found.get("GlobalSecondaryIndexes", [])
        ]
    return {
        "TableName": found["TableName"],
        "AttributeDefinitions": found["AttributeDefinitions"],
        "KeySchema": found["KeySchema"],
        "BillingMode": found.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
        "ProvisionedThroughput": _throughput(found),
        "SSESpecification": _encryption(found.get("SSEDescription", {})),
        "PointInTimeRecoverySpecification": _recovery(client, name),
        "TimeToLiveSpecification": _expiry(client, name),
        "DeletionProtectionEnabled": found.get("DeletionProtectionEnabled", False),
        "Tags": tags(
            pairs(client.list_tags_of_resource(ResourceArn=found["TableArn"])["Tags"]), declared
        ),
        **optional,
    }


def scalable_target(region: Region, _: str, declared: Mapping[str, Any]) -> Properties:
    answer = region.client("application-autoscaling").describe_scalable_targets(
        ServiceNamespace=declared["ServiceNamespace"],
        ResourceIds=[declared["ResourceId"]],
        ScalableDimension=declared["ScalableDimension"],
    )
    return {**only(answer["ScalableTargets"])}


def scaling_policy(region: Region, arn: str, declared: Mapping[str, Any]) -> Properties:
    """A policy's ARN ends in `:resource/<service>/<resource id>:policyName/<name>`."""
    service = arn.partition(":resource/")[2].partition("/")[0]
    answer = region.client("application-autoscaling").describe_scaling_policies(
        ServiceNamespace=service, PolicyNames=[declared["PolicyName"]]
    )
    found = only([policy for policy in answer["ScalingPolicies"] if policy["PolicyARN"] == arn])
    return {
        "PolicyName": found["PolicyName"],
        "PolicyType": found["PolicyType"],
        "TargetTrackingScalingPolicyConfiguration": found[
            "TargetTrackingScalingPolicyConfiguration"
        ],
    }


def _throughput(found: Mapping[str, Any]) -> Properties:
    return {
        name: AtLeast(found["ProvisionedThroughput"][name])
        for name in ("ReadCapacityUnits", "WriteCapacityUnits")
    }


def _encryption(found: Mapping[str, Any]) -> Properties:
    return {
        "SSEEnabled": found.get("Status") in _ENABLED,
        "SSEType": found.get("SSEType"),
        "KMSMasterKeyId": found.get("KMSMasterKeyArn"),
    }


def _recovery(client: Any, name: str) -> Properties:
    found = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    status = found["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    return {"PointInTimeRecoveryEnabled": status in _ENABLED}


def _expiry(client: Any, name: str) -> Properties:
    found = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    return {
        "AttributeName": found.get("AttributeName"),
        "Enabled": found["TimeToLiveStatus"] in _ENABLED,
    }
