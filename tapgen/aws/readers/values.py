"""Values of readers other than plain ones: they say how to compare them with the declaration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tapgen.aws.resources.retained import Region

Properties = dict[str, Any]
# Region, physical id and declared properties (for what is not in the id) -> properties read.
Read = Callable[[Region, str, Mapping[str, Any]], Properties]


@dataclass(frozen=True)
class AtLeast:
    """A number that something else may have raised above the declared one, such as autoscaling."""

    value: float


@dataclass(frozen=True)
class Whole:
    """A value that must not contain undeclared parts at any depth, such as a policy."""

    value: Any


@dataclass(frozen=True)
class NotRead:
    """Stands for a value that is not read, because it is a secret or cannot be read.

    `by_hand` says how to set it, if no template can.
    """

    why: str
    by_hand: str = ""

    def __str__(self) -> str:
        return f"({self.why})"


def plain(found: Any) -> Any:
    """The value without the markers for comparing it; `NotRead` stays."""
    if isinstance(found, Whole | AtLeast):
        return plain(found.value)
    if isinstance(found, list):
        return [plain(item) for item in found]
    if isinstance(found, dict):
        return {name: plain(value) for name, value in found.items()}
    return found


SECRET: Final = NotRead("a secret, not read")


@dataclass(frozen=True)
class Reader:
    """How to read a resource type. Properties in `closed` must be empty unless declared."""

    read: Read
    closed: frozenset[str] = frozenset()


class AbsentError(Exception):
    """The service does not know the resource."""


def tags(found: Mapping[str, str], declared: Mapping[str, Any]) -> list[dict[str, str]]:
    """The tags that are declared, as found; organisations and AWS may add tags of their own."""
    names = [tag["Key"] for tag in declared.get("Tags", [])]
    return [{"Key": name, "Value": found[name]} for name in names if name in found]


def only(found: list[Any]) -> Any:
    """The one element of a list. Raises `AbsentError` when it is empty."""
    if not found:
        raise AbsentError
    return found[0]


def renamed(document: Mapping[str, Any], names: Mapping[str, str]) -> Properties:
    """The entries of `document` that `names` maps to property names; absent ones are left out."""
    return {names[key]: value for key, value in document.items() if key in names}


def capitalised(document: Any) -> Any:
    """Keys with a capital first letter, at every depth: how templates spell what APIs do not."""
    if isinstance(document, list):
        return [capitalised(item) for item in document]
    if not isinstance(document, dict):
        return document
    return {key[:1].upper() + key[1:]: capitalised(value) for key, value in document.items()}


def same_name(found: str, declared: Any) -> Any:
    """A DNS name, as declared if they differ only in case and the final dot."""
    same = isinstance(declared, str) and found.rstrip(".").lower() == declared.rstrip(".").lower()
    return declared if same else found
