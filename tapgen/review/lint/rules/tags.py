from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tapgen.model.templates.template import Template
from tapgen.review.lint.rules.rule import Problem, Rule
from tapgen.review.schemas import resource_schema

_WANTED = ("CostCenter", "Environment", "Layer", "ManagedBy", "Project")


def _check(template: Template) -> Iterator[Problem]:
    for name, resource in template.resources.items():
        tagging = resource_schema(resource["Type"]).get("tagging", {})
        if not tagging.get("taggable"):
            continue
        property_ = tagging.get("tagProperty", "/properties/Tags").rpartition("/")[2]
        carried = _keys(resource.get("Properties", {}).get(property_, []))
        missing = [tag for tag in _WANTED if tag not in carried]
        if missing:
            path = ("Resources", name, "Properties", property_)
            yield Problem(path, f"{resource['Type']} is not tagged with {', '.join(missing)}")


def _keys(tags: Any) -> set[str]:
    """Tag keys; most types take a list of Key and Value, some a map."""
    return {tag["Key"] for tag in tags} if isinstance(tags, list) else set(tags)


RULE = Rule("T009", "tags", "error", "Every taggable resource carries the five tags.", _check)
