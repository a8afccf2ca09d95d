"""Where two resolved values differ, down to the smallest part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final


class _Absent:
    """Stands for a part that is not there at all."""

    def __repr__(self) -> str:
        return "(absent)"


ABSENT: Final = _Absent()


@dataclass(frozen=True)
class Difference:
    """One part that differs: its path ("ProvisionedThroughput/ReadCapacityUnits") and both values.

    A part that only one side has is `ABSENT` on the other.
    """

    path: str
    before: Any
    after: Any


def differences(before: Any, after: Any, path: str = "") -> Iterator[Difference]:
    """Yield what differs, sorted by path.

    Members of lists are told apart by their `Key` where all have one (tags); other lists are
    compared place by place where they are equally long, and as a whole where they are not.
    """
    if before == after and type(before) is type(after):
        return
    old, new = _parts(before), _parts(after)
    if old is None or new is None or (isinstance(before, list) and old.keys() != new.keys()):
        yield Difference(path, before, after)
        return
    for name in sorted(old.keys() | new.keys()):
        inner = f"{path}/{name}" if path else name
        yield from differences(old.get(name, ABSENT), new.get(name, ABSENT), inner)


def _parts(value: Any) -> dict[str, Any] | None:
    if isinstance(value, dict):
        return value
    if not isinstance(value, list) or not value:
        return None
    if all(isinstance(member, dict) and isinstance(member.get("Key"), str) for member in value):
        return {member["Key"]: member for member in value}
    return {str(place): member for place, member in enumerate(value)}
