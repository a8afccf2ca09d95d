"""Waiting for what has to happen, however slow the machine is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tapgen.aws.cloudformation.watch import Watched, Watcher

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

# Long after it should have happened: nobody passes or fails a test by being slow.
PATIENCE_SECONDS: Final = 300.0

T = TypeVar("T")


def wait_until(so: Callable[[], T | None], what: object = "") -> T:
    """Ask until the answer is true, and give it; `what` is said when that never happens."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (answer := so()):
        assert time.monotonic() < deadline, what or so
        time.sleep(0.02)
    return answer


def update_table(dynamodb: Any, name: str, **changes: Any) -> None:
    """Change a table, and wait until it may be changed again."""
    dynamodb.update_table(TableName=name, **changes)
    wait_until(lambda: dynamodb.describe_table(TableName=name)["Table"]["TableStatus"] == "ACTIVE")


def once_watched(patch: pytest.MonkeyPatch, then: Callable[[], object]) -> None:
    """Do `then` when this process has seen that something is in progress, and watches it."""
    watch = Watcher.watch

    def watching(*arguments: Any, **options: Any) -> Watched:
        then()
        return watch(*arguments, **options)

    patch.setattr(Watcher, "watch", watching)
