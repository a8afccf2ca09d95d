"""The properties of a resource as it was found, in the form of a template.

An import does not change a resource, and the update after it changes only what differs between the
two templates. The import therefore declares the current values, and the update sets the declared
ones.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from tapgen.aws.readers.values import AtLeast, NotRead, Whole
from tapgen.deploy.observe.comparison import compare
from tapgen.model.templates.intrinsics import Unknown


def as_found(
    declared: Mapping[str, Any], actual: Mapping[str, Any], closed: Collection[str] = ()
) -> dict[str, Any]:
    """The declared properties with the resource's values; `actual` is what was read.

    What cannot be read is assumed to be as declared. Values that depend on a resource that does not
    exist, and those that the resource does not have, are omitted. Properties in `closed` are
    included even if they are not declared.
    """
    names = [*declared, *(name for name in closed if name in actual and name not in declared)]
    found = {
        name: _found(declared.get(name), actual[name])
        if name in actual
        else _known(declared.get(name))
        for name in names
    }
    return {name: value for name, value in found.items() if value not in (None, {}, [])}


def _found(declared: Any, actual: Any) -> Any:
    """One value of the resource; as declared if AWS treats both as equal."""
    if isinstance(actual, NotRead):
        return _known(declared)
    exact = _exact(actual)
    if _known(declared) is not None and all(one.ok for one in compare("", declared, exact)):
        return declared
    if isinstance(declared, dict) and isinstance(actual, dict):
        # Undeclared parts that a service returns may not be allowed in a template.
        parts = {name: _found(value, actual.get(name)) for name, value in declared.items()}
        return {name: value for name, value in parts.items() if value is not None}
    return _plain(exact)


def _known(declared: Any) -> Any:
    """The value; None if a part of it exists only after a deployment."""
    parts = declared.values() if isinstance(declared, dict) else declared
    if isinstance(declared, dict | list) and any(_known(part) is None for part in parts):
        return None
    return None if isinstance(declared, Unknown) else declared


def _exact(actual: Any) -> Any:
    """The value that was read, without tolerance for undeclared parts."""
    if isinstance(actual, list):
        return [_exact(item) for item in actual]
    if isinstance(actual, dict):
        return {name: _exact(value) for name, value in actual.items()}
    return actual.value if isinstance(actual, AtLeast) else actual


def _plain(actual: Any) -> Any:
    """The value that was read, without the reader's markers and without unset parts."""
    if isinstance(actual, Whole):
        return _plain(actual.value)
    if isinstance(actual, list):
        return [_plain(item) for item in actual]
    if isinstance(actual, dict):
        plain = {name: _plain(value) for name, value in actual.items()}
        return {name: value for name, value in plain.items() if value is not None}
    return None if isinstance(actual, NotRead) else actual
