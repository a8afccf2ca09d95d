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
_SCALAR: Final = "scalar"


@dataclass(frozen=True)
class ValueDifference:
    """One part that differs: its path ("ProvisionedThroughput/ReadCapacityUnits") and both values.

    A part that only one side has is `ABSENT` on the other.
    """

    path: str
    before: Any
    after: Any


def differences(before: Any, after: Any, path: str = "") -> Iterator[ValueDifference]:
    """Yield what differs, sorted by path.

    Members of lists are told apart by their `Key` where each has one of its own (tags); other lists
    are compared place by place where they are equally long, and as a whole where they are not.
    """
    (kind, old), (other_kind, new) = _parts(before), _parts(after)
    if kind != other_kind or kind == _SCALAR:
        if before != after or type(before) is not type(after):
            yield ValueDifference(path, before, after)
        return
    for name in sorted(old.keys() | new.keys()):
        inner = f"{path}/{name}" if path else name
        yield from differences(old.get(name, ABSENT), new.get(name, ABSENT), inner)


def _parts(value: Any) -> tuple[str, dict[str, Any]]:
    """What can be compared part by part with values of the same kind, and its parts."""
    if isinstance(value, dict):
        return "object", value
    if not isinstance(value, list):
        return _SCALAR, {}
    keys: list[Any] = [m.get("Key") if isinstance(m, dict) else None for m in value]
    if keys and all(isinstance(key, str) for key in keys) and len(set(keys)) == len(keys):
        return "tags", dict(zip(keys, value, strict=True))
    return f"list of {len(value)}", {str(place): member for place, member in enumerate(value)}
