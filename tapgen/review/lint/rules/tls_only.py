from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tapgen.model.templates.intrinsics import references
from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Rule, nodes, resources

# What is reached by an API of its own -> type of its policy, and the property that names it there.
_POLICIES = {
    "AWS::S3::Bucket": ("AWS::S3::BucketPolicy", "Bucket"),
    "AWS::SNS::Topic": ("AWS::SNS::TopicPolicy", "Topics"),
    "AWS::SQS::Queue": ("AWS::SQS::QueuePolicy", "Queues"),
}


def _check(template: Template) -> Iterator[Problem]:
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
                yield Problem(path, f"answers without TLS: deny that in an {policy}")


def _denies_plain_text(statement: Any) -> bool:
    if not isinstance(statement, dict) or statement.get("Effect") != "Deny":
        return False
    encrypted = statement.get("Condition", {}).get("Bool", {}).get("aws:SecureTransport")
    return str(encrypted).lower() == "false"


RULE = Rule("T024", "tls-only", "error", "Buckets, topics and queues answer to TLS only.", _check)
