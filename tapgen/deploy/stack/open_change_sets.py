"""The open change sets of a run, so that none is left behind however the run ends."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock

from tapgen.aws.cloudformation.watch import StoppedError
from tapgen.deploy.target.run import Run
from tapgen.errors import TapgenError
from tapgen.model.plan import Planned


@dataclass
class OpenChangeSets:
    """Change sets that are neither executed nor discarded yet.

    Only whoever takes one out may execute or discard it, so a worker never executes a change set
    that is being discarded.
    """

    run: Run
    _open: dict[str, Planned] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _tidying: Lock = field(default_factory=Lock)

    def add(self, entry: Planned) -> None:
        """Add a change set that was just created."""
        with self._lock:
            self._open[entry.change_set.arn] = entry

    def take(self, entry: Planned) -> None:
        """Take the change set out in order to execute it.

        Raises `StoppedError` if it was already discarded.
        """
        with self._lock:
            if self._open.pop(entry.change_set.arn, None) is None:
                raise StoppedError("the run was interrupted")

    def discard(self, entry: Planned) -> None:
        """Delete the change set, and the empty stack that exists only because of it."""
        with self._lock:
            self._open.pop(entry.change_set.arn, None)
        self.run.cloudformation(entry.stack).discard(entry.change_set, entry.kind)

    def discard_all(self, entries: Iterable[Planned] = ()) -> None:
        """Discard `entries` and all others that are open.

        One that cannot be deleted now is replaced by the next run, so the error is ignored. If
        several threads call this, none returns before all change sets are discarded.
        """
        with self._tidying:
            with self._lock:
                found = {entry.change_set.arn: entry for entry in entries} | self._open
            for entry in found.values():
                with suppress(TapgenError):
                    self.discard(entry)
