"""Rules about what holds data: kept, protected, found again by its name, and by whose tags."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from tapgen.model.templates.intrinsics import references
from tapgen.model.templates.stateful import DELETION_PROTECTION, PROTECTED, marked, regenerable
from tapgen.model.templates.template import Template
from tapgen.render.resolved import resolved_template
from tapgen.review.lint.rules.rule import Placement, Problem, Problems, resources
from tapgen.review.schemas import resource_schema, stateful_types

_KEPT: Final = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
# A secret that was replaced has been given up.
_REGENERABLE: Final = {**_KEPT, "UpdateReplacePolicy": "Delete"}
# Which of these a type has, its schema says.
_RECOVERY: Final = "PointInTimeRecoverySpecification"
_OF_LOG_GROUPS: Final = {
    "RetentionInDays": "keeps its events for ever",
    "KmsKeyId": "is not encrypted by a key",
}
_IN_BUCKET_NAMES: Final = frozenset({"AWS::AccountId", "AWS::Region"})


def retained_data(template: Template) -> Problems:
    """Data outlives its stack."""
    for name, resource in template.resources.items():
        if marked(resource) and not regenerable(resource):
            yield Problem(
                ("Resources", name, "Metadata"),
                f"{resource['Type']} is marked as regenerable, which only a generated secret is",
            )
        if resource["Type"] not in stateful_types():
            continue
        wanted, what = _KEPT, "holds data"
        if regenerable(resource):
            wanted, what = _REGENERABLE, "may be made anew"
        for policy, value in wanted.items():
            if resource.get(policy) != value:
                yield Problem(
                    ("Resources", name, policy),
                    f"{resource['Type']} {what} but {policy} is not {value}",
                )


def protected_data(placement: Placement) -> Problems:
    """Protected data is not deleted, and can be restored.

    Asked of the resolved template: protection is a parameter, and a parameter has a value here.
    """
    if not placement.stack.protected:
        return
    for name, resource in resolved_template(placement.stack)["Resources"].items():
        known = resource_schema(resource["Type"]).get("properties", {})
        properties = resource.get("Properties", {})
        for property_ in DELETION_PROTECTION:
            if property_ in known and properties.get(property_) not in PROTECTED:
                yield Problem(("Resources", name), f"is protected data, but {property_} is off")
        recovery = properties.get(_RECOVERY, {}).get("PointInTimeRecoveryEnabled")
        if _RECOVERY in known and recovery is not True:
            message = "is protected data, but cannot be restored to a point in time"
            yield Problem(("Resources", name), message)


def log_group(template: Template) -> Problems:
    """Log groups have a retention and a key."""
    for path, properties in resources(template, "AWS::Logs::LogGroup"):
        for wanted, otherwise in _OF_LOG_GROUPS.items():
            if wanted not in properties:
                yield Problem(path, f"log group without {wanted} {otherwise}")


def bucket_name(template: Template) -> Problems:
    """Bucket names are unique in the world."""
    for path, properties in resources(template, "AWS::S3::Bucket"):
        name = properties.get("BucketName", "")
        missing = sorted(_IN_BUCKET_NAMES - references(name))
        if missing:
            message = (
                f"its name does not carry {' and '.join(missing)}: somebody may have it already"
            )
            yield Problem((*path, "Properties", "BucketName"), message)


def tags(template: Template, wanted: Iterable[str]) -> Problems:
    """Every taggable resource carries the tags of tapgen and of the platform."""
    for name, resource in template.resources.items():
        tagging = resource_schema(resource["Type"]).get("tagging", {})
        if not tagging.get("taggable"):
            continue
        property_ = tagging.get("tagProperty", "/properties/Tags").rpartition("/")[2]
        carried = _keys(resource.get("Properties", {}).get(property_, []))
        missing = [tag for tag in wanted if tag not in carried]
        if missing:
            path = ("Resources", name, "Properties", property_)
            yield Problem(path, f"{resource['Type']} is not tagged with {', '.join(missing)}")


def _keys(tags: Any) -> set[str]:
    """Tag keys; most types take a list of Key and Value, some a map."""
    return {tag["Key"] for tag in tags} if isinstance(tags, list) else set(tags)
