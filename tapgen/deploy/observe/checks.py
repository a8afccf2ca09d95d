"""The outcome of looking at one property of what is deployed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

from tapgen.aws.readers.values import NotRead
from tapgen.deploy.target.target import Target

# A deployed URL -> the URL that serves it, and the headers to send along.
Address = Callable[[str], tuple[str, dict[str, str]]]


class Unseen(str):
    """Why nobody could look at what is there: that is no difference, and no proof of sameness."""

    __slots__ = ()


@dataclass(frozen=True)
class Check:
    """What was declared for a property, and what is there.

    `logical_id` is empty for properties of the stack itself. For the live API, `layer` is `LIVE`
    and `logical_id` the operation. `ok` is None where the two cannot be compared, because the
    declared value is known to AWS only, the actual one is not read, or looking failed (`Unseen`).
    """

    layer: str
    logical_id: str
    property: str
    declared: Any
    actual: Any
    ok: bool | None


def unseen(check: Check) -> bool:
    """Whether looking failed."""
    return isinstance(check.actual, Unseen)


def by_hand(check: Check) -> str:
    """How to make the property what is meant, where only a person can; otherwise empty."""
    return check.actual.by_hand if isinstance(check.actual, NotRead) else ""


LIVE: Final = "live API"


class LiveChecks(Protocol):
    """How a platform calls what is deployed, for `tapgen verify`."""

    def __call__(self, target: Target, address: Address, *, read_only: bool) -> Iterator[Check]:
        """Call what is deployed, at `address`; unless `read_only`, it may write test data."""
