"""Every private name of MiniStack that tapgen relies on, and nothing else.

MiniStack is pinned to one version because of this folder; `tests/local/test_internals.py` fails
when one of these names or its signature changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.core import lambda_runtime
from ministack.services.cloudformation import changesets, provisioners, stacks

if TYPE_CHECKING:
    from collections.abc import Callable, Container

VERSION = "1.5.33"

HANDLERS: dict[str, dict[str, Any]] = provisioners._RESOURCE_HANDLERS
"""CloudFormation type -> its operations."""

IMPORT_LOOKUPS: dict[str, tuple[tuple[str, ...], Callable[..., str | None]]] = (
    changesets._IMPORT_LOOKUPS
)
"""CloudFormation type -> identifier keys, and what says why such a resource cannot be imported."""

TAG_PROPERTIES: dict[str, tuple[str, str]] = provisioners._STACK_TAG_PROPERTY
"""CloudFormation type -> the property that takes the stack's tags, and "list" or "map"."""


def replacing_properties(lookup: Any) -> None:
    """Let `lookup.get(type)` say which properties replace a resource of a type when they change."""
    lookup.known = provisioners._REPLACING_PROPERTIES
    provisioners._REPLACING_PROPERTIES = lookup


def conditional_properties(conditional: Callable[[str], Container[str]]) -> None:
    """Let a change set say that a resource may be replaced by what its schema calls conditional.

    "Conditionally" of RequiresRecreation, ResourceTargetDefinition in the CloudFormation API
    reference; MiniStack says "Never" of such properties.
    """
    recreation = stacks._property_recreation

    def telling(kind: str, name: str) -> str:
        found: str = recreation(kind, name)
        return "Conditionally" if found == "Never" and name in conditional(kind) else found

    stacks._property_recreation = telling


def end_lambda_workers() -> None:
    lambda_runtime.reset()
