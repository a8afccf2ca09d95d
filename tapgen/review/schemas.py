"""AWS's own description of resource types, read from the copy that cfn-lint ships.

Reading the files needs no import of cfnlint (which takes half a second). Their layout is internal
to cfn-lint, so its version is pinned and a test covers it.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

_REGION: Final = "us-east-1"  # where new types and properties appear first


@cache
def resource_schema(type_: str) -> dict[str, Any]:
    """The provider schema of a resource type; empty for a type that AWS does not describe."""
    digest = _digests().get(type_)
    return _read("schemas", "resources", f"{digest}.json") if digest else {}


@cache
def stateful_types() -> frozenset[str]:
    """Resource types that hold data which a replacement or a deletion would lose."""
    return frozenset(_read("AdditionalSpecs", "StatefulResources.json")["ResourceTypes"])


@cache
def authorization_reference() -> dict[str, Any]:
    """Service prefix -> its actions and the resource types that each can be limited to."""
    return _read("AdditionalSpecs", "Policies.json")


@cache
def _digests() -> dict[str, str]:
    return _read("schemas", "providers", f"{_REGION}.json")


def _read(*parts: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(_data().joinpath(*parts).read_bytes())
    return document


@cache
def _data() -> Path:
    spec = find_spec("cfnlint")
    assert spec  # noqa: S101 - a dependency; for the type checker
    assert spec.submodule_search_locations  # noqa: S101 - it is a package
    return Path(spec.submodule_search_locations[0], "data")
