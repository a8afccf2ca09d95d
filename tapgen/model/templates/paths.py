"""Finding a part of a declared resource by its path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def at(expression: Any, path: str) -> Any:
    """The part of a declared resource that a path ("/Properties/Tags/0/Value") leads to.

    A function (`Fn::If`, `Ref`) ends the way: what it yields, it yields as a whole. Members of
    lists are found by their place, or by their `Key`. None where there is no such part.
    """
    for step in path.strip("/").split("/"):
        if is_function(expression):
            return expression
        expression = _members(expression).get(step)
    return expression


def names_in(expression: Any) -> Iterator[str]:
    """The names of all properties inside, at any depth."""
    if isinstance(expression, list):
        for item in expression:
            yield from names_in(item)
    elif isinstance(expression, dict):
        for name, item in expression.items():
            yield name
            yield from names_in(item)


def is_function(expression: Any) -> bool:
    """Whether it is `Ref` or another intrinsic function."""
    if not isinstance(expression, dict) or len(expression) != 1:
        return False
    (name,) = expression
    return bool(name == "Ref" or name.startswith("Fn::"))


def _members(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    if not isinstance(value, list):
        return {}
    keyed = {str(item["Key"]): item for item in value if isinstance(item, dict) and "Key" in item}
    return {str(place): item for place, item in enumerate(value)} | keyed
