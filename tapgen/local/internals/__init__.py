"""Every private name of MiniStack that tapgen relies on, and nothing else.

MiniStack is pinned to one version because of this folder; `tests/local/test_internals.py` fails
when one of these names or its signature changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.core import lambda_runtime
from ministack.services.cloudformation import changesets, provisioners

if TYPE_CHECKING:
    from collections.abc import Callable

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


def end_lambda_workers() -> None:
    lambda_runtime.reset()
