"""The service authorization reference, in the copy that cfn-lint ships."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tapgen.review.schemas import authorization_reference


def known(action: str) -> bool:
    """Whether the action exists, for example "dynamodb:PutItem"."""
    return _action(action) is not None


def resource_types(action: str) -> tuple[str, ...]:
    """The resource types that an action can be limited to, in lower case; if none, it cannot be."""
    found = _action(action) or {}
    return tuple(name.lower() for name in found.get("Resources", ()))


def arn_format(service: str, resource_type: str) -> str:
    """The ARN of a resource type, with "${Region}" and the like, up to the resource's name."""
    resources = authorization_reference()[service]["Resources"]
    found = {name.lower(): entry for name, entry in resources.items()}[resource_type]
    return str(found["ARNFormats"][0]).partition(".*")[0]


def _action(action: str) -> Mapping[str, Any] | None:
    service, _, name = action.partition(":")
    actions = authorization_reference().get(service, {}).get("Actions", {})
    found: Mapping[str, Any] | None = actions.get(name.lower())
    return found
