"""Whether what a stack took over is as declared, seen at the resources themselves."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, Final

from tapgen.deploy.observe.verify import resource_faults
from tapgen.deploy.target.target import Target
from tapgen.model.changes.differences import ABSENT
from tapgen.model.changes.values import value_text

# Services tell of a change a little after they made it.
_PAUSES: Final = (1.0, 4.0, 10.0)


def not_as_declared(target: Target, resources: Iterable[str]) -> str:
    """What resources ("layer.LogicalId") have otherwise than declared, in words.

    Empty where nothing is. Looks several times before it says so.
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
        f"declared is {_words(one.declared)}"
        for one in found
    )


def _words(value: Any) -> str:
    return value_text(ABSENT if value is None else value) or "not set"
