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

# Longer than any test waits for what has to happen, so that the test is the first to complain.
HOLD_SECONDS: Final = 400.0
_LOOK_SECONDS: Final = 0.02
# How long a table is UPDATING. DynamoDB takes seconds; this is enough for whoever does not wait.
_TABLE_SECONDS: Final = 0.4
# "About 15 minutes" (API Gateway guide, "How to change a security policy").
_TLS_SECONDS: Final = 900.0


class InjectedFaultError(Exception):
    """What CloudFormation reports as the reason of the failed operation."""


def injector(directory: Path) -> Callable[[Operation], None]:
    """Return what holds, delays or fails an operation as faults.json says at that moment."""

    def inject(operation: Operation) -> None:
        faults = _let_go(directory / state.FAULTS, operation)
        delays = faults.get("delay", {})
        time.sleep(float(delays.get(operation.logical_id, delays.get("*", 0))))
        if message := faults.get(f"{operation.verb}:{operation.logical_id}"):
            raise InjectedFaultError(str(message))

    return inject


def table_seconds(directory: Path) -> Callable[[], float]:
    """Return what tells for how long an update of a table goes on, as faults.json says then."""
    return lambda: float(_read(directory / state.FAULTS).get("tables", _TABLE_SECONDS))


def api_seconds(directory: Path) -> Callable[[], float]:
    """Return what tells for how long a change of an API's TLS goes on, as faults.json says then."""
    usual = minutes.shortened(_TLS_SECONDS)
    return lambda: float(_read(directory / state.FAULTS).get("apis", usual))


def idle_functions(directory: Path) -> Callable[[], list[str]]:
    """Return what tells which functions nobody has called for weeks, as faults.json says then."""
    return lambda: list(_read(directory / state.FAULTS).get("idle", ()))


def held_shifts(directory: Path) -> Callable[[], list[str]]:
    """Return what tells which functions' traffic stays where it is, as faults.json says then."""
    return lambda: list(_read(directory / state.FAULTS).get("shifts", ()))


def _let_go(path: Path, operation: Operation) -> dict[str, Any]:
    """Wait until nothing holds the operation, and return what else is injected from then on.

    The log says that it is held: its stack told of it before it began. Raises `InjectedFaultError`
    when nobody lets go of it.
    """
    deadline = time.monotonic() + HOLD_SECONDS
    told = False
    while not _names(operation).isdisjoint((faults := _read(path)).get("hold", ())):
        if not told:
            _LOG.warning("holding %s:%s", operation.verb, operation.logical_id)
            told = True
        if time.monotonic() > deadline:
            raise InjectedFaultError(f"{operation.logical_id} was held, and not let go of in time")
        time.sleep(_LOOK_SECONDS)
    return faults


def _names(operation: Operation) -> set[str]:
    """What holds the operation at this moment."""
    logical_id, verb = operation.logical_id, operation.verb
    names = {logical_id, f"{verb}:{logical_id}"}
    return names if operations.going_back(operation.stack) else {*names, "*", f"{verb}:*"}


def _read(path: Path) -> dict[str, Any]:
    try:
        faults: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return faults
