"""Rules about encryption: customer managed keys at rest, current TLS in transit."""

from __future__ import annotations

from typing import Any, Final

from tapgen.model.templates.intrinsics import references
from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Problems, effective_nodes, nodes, resources

# Type -> the property that names its key. Log groups have a rule of their own.
_KEY_PROPERTIES: Final = {
    "AWS::DynamoDB::Table": "KMSMasterKeyId",
    "AWS::KinesisFirehose::DeliveryStream": "KeyARN",
    "AWS::Lambda::Function": "KmsKeyArn",
    "AWS::S3::Bucket": "KMSMasterKeyID",
    "AWS::SNS::Topic": "KmsMasterKeyId",
    "AWS::SQS::Queue": "KmsMasterKeyId",
    "AWS::SecretsManager::Secret": "KmsKeyId",
}
# Type with a public endpoint -> the type of its policy, and the property that names it there.
_POLICIES: Final = {
    "AWS::S3::Bucket": ("AWS::S3::BucketPolicy", "Bucket"),
    "AWS::SNS::Topic": ("AWS::SNS::TopicPolicy", "Topics"),
    "AWS::SQS::Queue": ("AWS::SQS::QueuePolicy", "Queues"),
}
# Property of a distribution -> its allowed values (CloudFront guide, "Supported protocols and
# ciphers between viewers and CloudFront").
_ALLOWED: Final[dict[str, tuple[Any, ...]]] = {
    "MinimumProtocolVersion": ("TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"),
    "OriginProtocolPolicy": ("https-only",),
    "OriginSSLProtocols": (["TLSv1.2"],),
    "ViewerProtocolPolicy": ("https-only",),
}
# Where the one property is set, the other has to be too.
_DEMANDS: Final = {
    "AcmCertificateArn": "MinimumProtocolVersion",
    "OriginProtocolPolicy": "OriginSSLProtocols",
    "TargetOriginId": "ViewerProtocolPolicy",
}


def encryption_key(template: Template) -> Problems:
    """Stored data is encrypted with a customer managed key."""
    for name, resource in template.resources.items():
        wanted = _KEY_PROPERTIES.get(resource["Type"])
        properties = nodes(resource.get("Properties", {}), ("Properties",))
        # A name instead of a reference would be the service's own key.
        if wanted and not any(p[-1] == wanted and isinstance(v, dict) for p, v in properties):
            message = f"{resource['Type']} has no customer managed key: set {wanted}"
            yield Problem(("Resources", name), message)


def tls_only(template: Template) -> Problems:
    """Buckets, topics and queues accept TLS only."""
    for type_, (policy, property_) in _POLICIES.items():
        guarded = frozenset[str]().union(
            *(
                references(properties.get(property_))
                for _, properties in resources(template, policy)
                if any(_denies_plain_text(value) for _, value in nodes(properties))
            )
        )
        for path, _ in resources(template, type_):
            if path[1] not in guarded:
                yield Problem(path, f"accepts requests without TLS: deny them in an {policy}")


def _denies_plain_text(statement: Any) -> bool:
    if not isinstance(statement, dict) or statement.get("Effect") != "Deny":
        return False
    encrypted = statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport")
    return str(encrypted).lower() == "false"


def tls_version(template: Template) -> Problems:
    """Connections use TLS 1.2 or newer."""
    for path, value in effective_nodes(template):
        name = str(path[-1])
        if name in _ALLOWED and value not in _ALLOWED[name]:
            yield Problem(path, f"{name} is {value}, not {_ALLOWED[name][0]} or newer")
        if isinstance(value, dict):
            for present, wanted in _DEMANDS.items():
                if present in value and wanted not in value:
                    yield Problem(path, f"leaves {wanted} to a default that is older than TLS 1.2")
