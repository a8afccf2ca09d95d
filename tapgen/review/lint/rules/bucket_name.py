from __future__ import annotations

from collections.abc import Iterator

from tapgen.model.templates.intrinsics import references
from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Rule, resources

_WANTED = frozenset({"AWS::AccountId", "AWS::Region"})


def _check(template: Template) -> Iterator[Problem]:
    for path, properties in resources(template, "AWS::S3::Bucket"):
        name = properties.get("BucketName", "")
        missing = sorted(_WANTED - references(name))
        if missing:
            message = (
                f"its name does not carry {' and '.join(missing)}: somebody may have it already"
            )
            yield Problem((*path, "Properties", "BucketName"), message)


RULE = Rule("T018", "bucket-name", "error", "Bucket names are unique in the world.", _check)
