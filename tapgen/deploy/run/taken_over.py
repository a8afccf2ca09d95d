"""Checks whether adopted resources are as declared, by reading the resources themselves."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, Final

from tapgen.deploy.observe.verify import resource_faults
from tapgen.deploy.target.target import Target
from tapgen.model.changes.differences import ABSENT
from tapgen.model.changes.values import value_text

# Services report a change a little later than they make it.
_PAUSES: Final = (1.0, 4.0, 10.0)


def not_as_declared(target: Target, resources: Iterable[str]) -> str:
    """The differences of resources ("layer.LogicalId") from their declaration, in words.

    Empty if there are none. Reads several times before it reports a difference.
    """
    names = sorted(resources)
    found = resource_faults(target, names)
    for pause in _PAUSES:
        if not found:
            break
        time.sleep(pause)
        found = resource_faults(target, names)
    return "; ".join(
        f"{one.logical_id} {one.property} is {_words(one.actual)}, "
        f"declared as {_words(one.declared)}"
        for one in found
    )


def _words(value: Any) -> str:
    return value_text(ABSENT if value is None else value) or "not set"
