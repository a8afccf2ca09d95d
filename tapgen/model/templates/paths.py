"""Finding a part of a declared resource by its path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from tapgen.model.templates.json_text import document_in

# Properties that identify the members of a list; the first that all members have is used.
NAMES: Final = (
    "Key", "Sid", "IndexName", "AttributeName", "PolicyName", "HeaderName", "Id", "Name",
)  # fmt: skip


def naming(*lists: list[Any]) -> str | None:
    """The property that names the members of these lists: a text, unique within each list.

    None if there is no such property, or no member.
    """
    first = next((member for one in lists for member in one), None)
    if not isinstance(first, dict):
        return None
    for name in NAMES:
        if name in first and all(_names(name, one) for one in lists):
            return name
    return None


def _names(name: str, members: list[Any]) -> bool:
    found = [member.get(name) if isinstance(member, dict) else None for member in members]
    return all(isinstance(one, str) for one in found) and len(set(found)) == len(found)


def at(expression: Any, path: str) -> Any:
    """The part of a declared resource at a path ("/Properties/Tags/0/Value").

    A function (`Fn::If`, `Ref`) is not divided: it stands for everything below it. Members of lists
    are found by their position or their name, also in text that contains JSON. None if there is no
    such part.
    """
    for step in path.strip("/").split("/"):
        if is_function(expression):
            return expression
        expression = _members(expression).get(step)
    return expression


def names_in(expression: Any) -> Iterator[str]:
    """Yield the names of all properties inside, at any depth."""
    if isinstance(expression, list):
        for item in expression:
            yield from names_in(item)
    elif isinstance(expression, dict):
        for name, item in expression.items():
            yield name
            yield from names_in(item)


def is_function(expression: Any) -> bool:
    """True if it is `Ref` or another intrinsic function."""
    if not isinstance(expression, dict) or len(expression) != 1:
        return False
    (name,) = expression
    return bool(name == "Ref" or name.startswith("Fn::"))


def member_places(members: list[Any]) -> dict[str, int]:
    """The positions of a list's members, by their possible names and by the position as text."""
    named = {
        member[name]: place
        for name in reversed(NAMES)
        for place, member in enumerate(members)
        if isinstance(member, dict) and isinstance(member.get(name), str)
    }
    return {str(place): place for place in range(len(members))} | named


def _members(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        value = document_in(value)
    if isinstance(value, dict):
        return value
    if not isinstance(value, list):
        return {}
    return {step: value[place] for step, place in member_places(value).items()}
