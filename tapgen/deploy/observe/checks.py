"""Checks: one property of a deployed resource, as declared and as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

from tapgen.aws.readers.values import NotRead
from tapgen.deploy.target.target import Target

# A deployed URL -> the URL that serves it, and the headers to send along.
Address = Callable[[str], tuple[str, dict[str, str]]]


class Unseen(str):
    """Why a value could not be read: this is neither a difference nor a proof of equality."""

    __slots__ = ()


@dataclass(frozen=True)
class Check:
    """The declared and the actual value of a property.

    `logical_id` is empty for properties of the stack itself. For the live API, `layer` is `LIVE`
    and `logical_id` the operation. `ok` is None if the two cannot be compared, because only AWS
    knows the declared value, the actual one is not read, or reading failed (`Unseen`).
    """

    layer: str
    logical_id: str
    property: str
    declared: Any
    actual: Any
    ok: bool | None


def unseen(check: Check) -> bool:
    """Whether reading failed."""
    return isinstance(check.actual, Unseen)


def by_hand(check: Check) -> str:
    """How to set the property, if only a person can; otherwise empty."""
    return check.actual.by_hand if isinstance(check.actual, NotRead) else ""


LIVE: Final = "live API"


class LiveChecks(Protocol):
    """A platform's calls to its deployed system, for `tapgen verify`."""

    def __call__(self, target: Target, address: Address, *, read_only: bool) -> Iterator[Check]:
        """Call the deployed system at `address`; unless `read_only`, test data may be written."""
