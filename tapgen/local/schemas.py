"""Facts about types from cfn-lint's provider schemas, which MiniStack lacks."""

from __future__ import annotations

import functools
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_SCHEMAS_PACKAGE = "cfnlint"


class Replacements:
    """Looks a type up in MiniStack's table, and otherwise in cfn-lint's provider schema.

    Without it, a change set reports "Conditional" for every change, and an update keeps a resource
    that AWS would replace.
    """

    known: dict[str, tuple[str, ...]]

    def get(self, kind: str) -> tuple[str, ...] | None:
        return self.known.get(kind) or create_only(kind)


@functools.cache
def create_only(kind: str) -> tuple[str, ...] | None:
    """Return the properties of a type that cannot change in place; None if it has no schema."""
    found = schema(kind)
    if not found:
        return None
    read_only = set(found.get("readOnlyProperties", []))
    # A record set is identified by properties that its schema does not call create-only.
    identity = [path for path in found["primaryIdentifier"] if path not in read_only]
    paths = (*found.get("createOnlyProperties", []), *identity)
    return tuple(sorted({path.split("/")[2] for path in paths if path.count("/") == 2}))  # noqa: PLR2004 - /properties/Name


@functools.cache
def conditional(kind: str) -> frozenset[str]:
    """Return the properties of a type whose values determine whether it is recreated."""
    paths = schema(kind).get("conditionalCreateOnlyProperties", [])
    return frozenset(path.split("/")[2] for path in paths)


@functools.cache
def required(kind: str) -> tuple[str, ...]:
    """Return the required properties of a resource of this type."""
    return tuple(schema(kind).get("required", ()))


def handlers(kind: str) -> frozenset[str]:
    """Return AWS's operations on resources of this type: "create", "read", "list"..."""
    return frozenset(schema(kind).get("handlers", {}))


def identifier(kind: str) -> tuple[str, ...]:
    """Return the properties that identify a resource of this type, in AWS's order."""
    return tuple(path.rpartition("/")[2] for path in schema(kind).get("primaryIdentifier", ()))


@functools.cache
def told(kind: str) -> tuple[str, ...]:
    """Return the properties that AWS returns for a resource and that a template may set."""
    found = schema(kind)
    hidden = {*found.get("writeOnlyProperties", ()), *found.get("readOnlyProperties", ())}
    names = found.get("properties", {})
    return tuple(name for name in names if f"/properties/{name}" not in hidden)


def schema(kind: str) -> dict[str, Any]:
    """Return the schema of a type; empty if it has none."""
    schemas = _schemas()
    name = _providers(schemas).get(kind)
    if name is None:
        return {}
    text = (schemas / "resources" / f"{name}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def _schemas() -> Path:
    # The files are read without importing cfn-lint, which would take half a second.
    spec = find_spec(_SCHEMAS_PACKAGE)
    locations = (spec and spec.submodule_search_locations) or [""]
    return Path(locations[0], "data", "schemas")


@functools.cache
def _providers(schemas: Path) -> dict[str, Any]:
    providers: dict[str, Any] = json.loads(
        (schemas / "providers" / "us-east-1.json").read_text(encoding="utf-8")
    )
    return providers
