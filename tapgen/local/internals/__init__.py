"""The only code that uses MiniStack's private names.

MiniStack is pinned to one version because of this folder. `tests/local/test_internals.py` fails if
one of these names or its signature changes.
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
"""CloudFormation type -> identifier keys, and a function that says why an import is impossible."""

TAG_PROPERTIES: dict[str, tuple[str, str]] = provisioners._STACK_TAG_PROPERTY
"""CloudFormation type -> the property for the stack's tags, and "list" or "map"."""


def replacing_properties(lookup: Any) -> None:
    """Let `lookup.get(type)` return the properties whose change replaces a resource of a type."""
    lookup.known = provisioners._REPLACING_PROPERTIES
    provisioners._REPLACING_PROPERTIES = lookup


def conditional_properties(conditional: Callable[[str], Container[str]]) -> None:
    """Let a change set report possible replacement for properties with conditional replacement.

    "Conditionally" in RequiresRecreation, see ResourceTargetDefinition in the CloudFormation API
    reference. MiniStack reports "Never" for such properties.
    """
    recreation = stacks._property_recreation

    def telling(kind: str, name: str) -> str:
        found: str = recreation(kind, name)
        return "Conditionally" if found == "Never" and name in conditional(kind) else found

    stacks._property_recreation = telling


def end_lambda_workers() -> None:
    lambda_runtime.reset()
