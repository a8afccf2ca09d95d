"""Values of Fn::GetAtt for deployed resources, derived from their names and from outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

# Type -> ARN, with the physical id (`id`) or the last part of it (`name`) filled in. Sources: the
# "Resource types" table of each service in the Service Authorization Reference.
_ARNS: Final = {
    "AWS::CloudWatch::Alarm": "arn:aws:cloudwatch:{region}:{account}:alarm:{id}",
    "AWS::Cognito::UserPool": "arn:aws:cognito-idp:{region}:{account}:userpool/{id}",
    "AWS::DynamoDB::Table": "arn:aws:dynamodb:{region}:{account}:table/{id}",
    "AWS::IAM::Role": "arn:aws:iam::{account}:role/{id}",
    "AWS::KMS::Key": "arn:aws:kms:{region}:{account}:key/{id}",
    "AWS::KinesisFirehose::DeliveryStream": (
        "arn:aws:firehose:{region}:{account}:deliverystream/{id}"
    ),
    "AWS::Lambda::Function": "arn:aws:lambda:{region}:{account}:function:{id}",
    "AWS::Logs::DeliveryDestination": "arn:aws:logs:{region}:{account}:delivery-destination:{id}",
    "AWS::Logs::LogGroup": "arn:aws:logs:{region}:{account}:log-group:{id}:*",
    "AWS::S3::Bucket": "arn:aws:s3:::{id}",
    "AWS::SQS::Queue": "arn:aws:sqs:{region}:{account}:{name}",
}
_WEB_ACL: Final = "AWS::WAFv2::WebACL"
_VERSION: Final = "AWS::Lambda::Version"
_QUEUE: Final = "AWS::SQS::Queue"


def known_attributes(
    document: Mapping[str, Any],
    resources: Mapping[str, tuple[str, str]],
    outputs: Mapping[str, str],
    place: Mapping[str, str],
) -> dict[str, str]:
    """`LogicalId.Attribute` -> value, for `Resolver.attributes`.

    `resources` maps logical ids to type and physical id, `place` holds `region` and `account`.
    An output whose value is an attribute gives the value of that attribute.
    """
    known: dict[str, str] = {}
    for logical_id, (resource_type, physical_id) in resources.items():
        known |= {
            f"{logical_id}.{name}": value
            for name, value in _attributes(resource_type, physical_id, place).items()
        }
    for name, output in document.get("Outputs", {}).items():
        value = output["Value"]
        if isinstance(value, dict) and "Fn::GetAtt" in value and name in outputs:
            known[".".join(value["Fn::GetAtt"])] = outputs[name]
    return known


def _attributes(
    resource_type: str, physical_id: str, place: Mapping[str, str]
) -> Mapping[str, str]:
    name = physical_id.rpartition("/")[2]
    if resource_type == _WEB_ACL:
        return {"Arn": _web_acl_arn(physical_id, place)}
    if resource_type == _VERSION:
        return {"Version": physical_id.rpartition(":")[2]}
    if resource_type not in _ARNS:
        return {}
    attributes = {"Arn": _ARNS[resource_type].format(**place, id=physical_id, name=name)}
    return {**attributes, "QueueName": name} if resource_type == _QUEUE else attributes


def _web_acl_arn(physical_id: str, place: Mapping[str, str]) -> str:
    name, identifier, scope = physical_id.split("|")
    kind = "global" if scope == "CLOUDFRONT" else "regional"
    arn = "arn:aws:wafv2:{region}:{account}:{kind}/webacl/{name}/{id}"
    return arn.format(**place, kind=kind, name=name, id=identifier)
