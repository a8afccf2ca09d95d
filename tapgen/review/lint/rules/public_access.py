from __future__ import annotations

from collections.abc import Iterator

from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Rule, resources

_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def _check(template: Template) -> Iterator[Problem]:
    for path, properties in resources(template, "AWS::S3::Bucket"):
        blocked = properties.get("PublicAccessBlockConfiguration", {})
        missing = [name for name in _BLOCKS if blocked.get(name) is not True]
        if missing:
            yield Problem(path, f"can be made public: set {', '.join(missing)}")
    for path, properties in resources(template, "AWS::EC2::Subnet"):
        if properties.get("MapPublicIpOnLaunch", False) is not False:
            yield Problem(path, "gives public addresses to what starts in it")
    for path, properties in resources(template, "AWS::Lambda::Permission"):
        if properties.get("Principal") == "*":
            yield Problem(path, "lets everybody call the function: name who may")


RULE = Rule("T026", "public-access", "error", "Nothing is public but the API's front.", _check)
