"""Rules about resources with data: retention, protection, names and tags to find them by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from tapgen.model.changes.settling import without_protection
from tapgen.model.templates.intrinsics import Resolver, references
from tapgen.model.templates.stateful import (
    DELETION_PROTECTION,
    FOUND_AGAIN,
    PROTECTED,
    STATEFUL_TYPES,
    marked,
    regenerable,
)
from tapgen.model.templates.template import Template
from tapgen.render.resolved import resolved_template
from tapgen.review.lint.rules.rule import (
    Placement,
    Problem,
    Problems,
    effective_nodes,
    nodes,
    resources,
)
from tapgen.review.retention import naming_of
from tapgen.review.schemas import resource_schema, tag_values

_KEPT: Final = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
# A secret that was replaced is no longer used.
_REGENERABLE: Final = {**_KEPT, "UpdateReplacePolicy": "Delete"}
# All names for deletion protection in the provider schemas.
_UNDELETABLE: Final = frozenset(
    {
        *DELETION_PROTECTION,
        "DeleteProtection",
        "DisableApiTermination",
        "TerminationProtected",
        "TerminationProtectionEnabled",
    }
)
_KEY: Final = "AWS::KMS::Key"
_ALIAS: Final = "AWS::KMS::Alias"
_RECOVERY: Final = "PointInTimeRecoverySpecification"
_OF_LOG_GROUPS: Final = {
    "RetentionInDays": "keeps its events forever",
    "KmsKeyId": "has no customer managed key",
}
_IN_BUCKET_NAMES: Final = frozenset({"AWS::AccountId", "AWS::Region"})


def retained_data(template: Template) -> Problems:
    """Data is kept when its stack is deleted."""
    for name, resource in template.resources.items():
        if marked(resource) and not regenerable(resource):
            yield Problem(
                ("Resources", name, "Metadata"),
                f"{resource['Type']} is marked as regenerable, but only a generated secret can be",
            )
        if resource["Type"] not in STATEFUL_TYPES:
            continue
        wanted, what = _KEPT, "holds data"
        if regenerable(resource):
            wanted, what = _REGENERABLE, "can be generated again"
        for policy, value in wanted.items():
            if resource.get(policy) != value:
                yield Problem(
                    ("Resources", name, policy),
                    f"{resource['Type']} {what}, but {policy} is not {value}",
                )


def lost_track(template: Template) -> Problems:
    """A resource that outlives its stack can be found again by its name."""
    for name, resource in template.resources.items():
        kept = str(resource.get("DeletionPolicy", "")).startswith("Retain")
        why = _lost(name, resource, template) if kept else ""
        if why:
            yield Problem(
                ("Resources", name, "DeletionPolicy"),
                f"{resource['Type']} is kept when its stack is deleted, but {why}: the next "
                "deployment cannot take it over, and creates a second one or fails on its name",
            )


def _lost(logical_id: str, resource: Mapping[str, Any], template: Template) -> str:
    """Why a resource could not be found again; "" if it could."""
    type_ = resource["Type"]
    if type_ == _KEY:
        return "" if _has_alias(logical_id, template) else "it has no alias that is kept as well"
    naming = naming_of(type_)
    if type_ not in FOUND_AGAIN and naming is None:
        return "its schema has no name and tags to find it by"
    property_ = FOUND_AGAIN.get(type_) or (naming.name if naming else "")
    return "" if property_ in resource.get("Properties", {}) else f"it has no {property_}"


def _has_alias(key: str, template: Template) -> bool:
    return any(
        template.resources[name]["Type"] == _ALIAS
        and key in references(template.resources[name]["Properties"]["TargetKeyId"])
        for name in template.retained
    )


def protected_data(placement: Placement) -> Problems:
    """Protected data cannot be deleted, and can be restored.

    The resolved template is checked: protection is a parameter, and parameters have values there.
    """
    if not placement.stack.protected:
        return
    for name, resource in resolved_template(placement.stack)["Resources"].items():
        known = resource_schema(resource["Type"]).get("properties", {})
        properties = resource.get("Properties", {})
        for property_ in DELETION_PROTECTION:
            if property_ in known and properties.get(property_) not in PROTECTED:
                yield Problem(("Resources", name), f"is protected, but {property_} is off")
        recovery = properties.get(_RECOVERY, {}).get("PointInTimeRecoveryEnabled")
        if _RECOVERY in known and recovery is not True:
            message = f"is protected, but {_RECOVERY} is off"
            yield Problem(("Resources", name), message)


def protected_last(placement: Placement) -> Problems:
    """Deletion protection is switched on only after the stack has been created.

    The rollback of a failed creation could not delete the resource, see `model.changes.settling`.
    """
    stack = placement.stack
    protections = [
        (path, value)
        for path, value in effective_nodes(stack.template)
        if path[0] == "Resources" and path[-1] in _UNDELETABLE
    ]
    values = without_protection(stack, stack.parameters)
    resolver = Resolver(stack.template.document, values, stack.account_id, stack.region)
    for path, value in protections:
        if any(one in PROTECTED for _, one in nodes(resolver.value(value))):
            message = f"{path[-1]} is on while the stack is being created"
            instead = "bind a parameter to `stack.settled`, and let it decide"
            if not stack.template.from_file:
                instead = "take it from `Blueprint.protected`"
            yield Problem(path, f"{message}: {instead}")


def log_group(template: Template) -> Problems:
    """Log groups have a retention and a key."""
    for path, properties in resources(template, "AWS::Logs::LogGroup"):
        for wanted, otherwise in _OF_LOG_GROUPS.items():
            if wanted not in properties:
                yield Problem(path, f"log group without {wanted} {otherwise}")


def bucket_name(template: Template) -> Problems:
    """Bucket names are globally unique."""
    for path, properties in resources(template, "AWS::S3::Bucket"):
        name = properties.get("BucketName", "")
        missing = sorted(_IN_BUCKET_NAMES - references(name))
        if missing:
            message = f"its name lacks {' and '.join(missing)}, so it may already be taken"
            yield Problem((*path, "Properties", "BucketName"), message)


def tags(template: Template, wanted: Iterable[str]) -> Problems:
    """Every taggable resource has the tags of tapgen and of the platform.

    Resources of a template file get the tags of their stack from CloudFormation.
    """
    if template.from_file:
        return
    for name, resource in template.resources.items():
        tagging = resource_schema(resource["Type"]).get("tagging", {})
        if not tagging.get("taggable"):
            continue
        property_ = tagging.get("tagProperty", "/properties/Tags").rpartition("/")[2]
        carried = tag_values(resource.get("Properties", {}).get(property_))
        missing = [tag for tag in wanted if tag not in carried]
        if missing:
            path = ("Resources", name, "Properties", property_)
            yield Problem(path, f"{resource['Type']} is not tagged with {', '.join(missing)}")
