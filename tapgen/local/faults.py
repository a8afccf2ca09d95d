"""Server side of `tapgen.local.client.inject`: fails or slows down chosen resource operations."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from tapgen.local import state

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tapgen.local.internals.operations import Operation


class InjectedFaultError(Exception):
    """What CloudFormation reports as the reason of the failed operation."""


def injector(directory: Path) -> Callable[[Operation], None]:
    """Return what delays or fails an operation as faults.json says at that moment."""

    def inject(operation: Operation) -> None:
        faults = _read(directory / state.FAULTS)
        delays = faults.get("delay", {})
        time.sleep(float(delays.get(operation.logical_id, delays.get("*", 0))))
        if message := faults.get(f"{operation.verb}:{operation.logical_id}"):
            raise InjectedFaultError(str(message))

    return inject


def _read(path: Path) -> dict[str, Any]:
    try:
        faults: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return faults
