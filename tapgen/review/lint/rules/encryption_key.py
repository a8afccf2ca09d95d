from __future__ import annotations

from collections.abc import Iterator

from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Rule, nodes

# Where each type names the key. Log groups have a rule of their own.
_KEY_PROPERTIES = {
    "AWS::DynamoDB::Table": "KMSMasterKeyId",
    "AWS::KinesisFirehose::DeliveryStream": "KeyARN",
    "AWS::Lambda::Function": "KmsKeyArn",
    "AWS::S3::Bucket": "KMSMasterKeyID",
    "AWS::SNS::Topic": "KmsMasterKeyId",
    "AWS::SQS::Queue": "KmsMasterKeyId",
    "AWS::SecretsManager::Secret": "KmsKeyId",
}


def _check(template: Template) -> Iterator[Problem]:
    for name, resource in template.resources.items():
        wanted = _KEY_PROPERTIES.get(resource["Type"])
        properties = nodes(resource.get("Properties", {}), ("Properties",))
        # A name in place of a reference would be the service's own key.
        if wanted and not any(p[-1] == wanted and isinstance(v, dict) for p, v in properties):
            message = f"{resource['Type']} is not encrypted by a key of ours: set {wanted}"
            yield Problem(("Resources", name), message)


RULE = Rule(
    "T023", "encryption-key", "error", "What is stored is encrypted by a key of ours.", _check
)
