"""Server side of `tapgen.local.client.inject`: holds, slows down or fails resource operations."""

from __future__ import annotations

import json
import logging
import time
from typing import TYPE_CHECKING, Any, Final

from tapgen.local import minutes, state
from tapgen.local.internals import operations

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tapgen.local.internals.operations import Operation

_LOG: Final = logging.getLogger(__name__)

# Longer than any test waits, so that the test reports the problem first.
HOLD_SECONDS: Final = 400.0
_LOOK_SECONDS: Final = 0.02
# How long a table is UPDATING. DynamoDB takes seconds; this is enough to fail callers that do not
# wait.
_TABLE_SECONDS: Final = 0.4
# "About 15 minutes" (API Gateway guide, "How to change a security policy").
_TLS_SECONDS: Final = 900.0


class InjectedFaultError(Exception):
    """An injected failure. Its message is the reason of the failed operation."""


def injector(directory: Path) -> Callable[[Operation], None]:
    """Return a function that holds, delays or fails operations according to faults.json."""

    def inject(operation: Operation) -> None:
        faults = _let_go(directory / state.FAULTS, operation)
        delays = faults.get("delay", {})
        time.sleep(float(delays.get(operation.logical_id, delays.get("*", 0))))
        if message := faults.get(f"{operation.verb}:{operation.logical_id}"):
            raise InjectedFaultError(str(message))

    return inject


def table_seconds(directory: Path) -> Callable[[], float]:
    """Return a function for the duration of a table's update, from the current faults.json."""
    return lambda: float(_read(directory / state.FAULTS).get("tables", _TABLE_SECONDS))


def api_seconds(directory: Path) -> Callable[[], float]:
    """Return a function for the duration of an API's TLS change, from the current faults.json."""
    usual = minutes.shortened(_TLS_SECONDS)
    return lambda: float(_read(directory / state.FAULTS).get("apis", usual))


def idle_functions(directory: Path) -> Callable[[], list[str]]:
    """Return a function for the names of idle functions, from the current faults.json."""
    return lambda: list(_read(directory / state.FAULTS).get("idle", ()))


def held_shifts(directory: Path) -> Callable[[], list[str]]:
    """Return a function for the functions whose shift is held, from the current faults.json."""
    return lambda: list(_read(directory / state.FAULTS).get("shifts", ()))


def _let_go(path: Path, operation: Operation) -> dict[str, Any]:
    """Wait until nothing holds the operation, and return the faults that are injected then.

    The log reports that it is held, because the stack's event came before. Raises
    `InjectedFaultError` if it is not released in time.
    """
    deadline = time.monotonic() + HOLD_SECONDS
    told = False
    while not _names(operation).isdisjoint((faults := _read(path)).get("hold", ())):
        if not told:
            _LOG.warning("holding %s:%s", operation.verb, operation.logical_id)
            told = True
        if time.monotonic() > deadline:
            raise InjectedFaultError(f"{operation.logical_id} was held, and not released in time")
        time.sleep(_LOOK_SECONDS)
    return faults


def _names(operation: Operation) -> set[str]:
    """The entries that hold the operation at this moment."""
    logical_id, verb = operation.logical_id, operation.verb
    names = {logical_id, f"{verb}:{logical_id}"}
    return names if operations.going_back(operation.stack) else {*names, "*", f"{verb}:*"}


def _read(path: Path) -> dict[str, Any]:
    try:
        faults: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return faults
