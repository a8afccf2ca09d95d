"""The change sets of a run, so that none is left behind however the run ends."""

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

    Taking one out is what entitles to execute or to discard it, so a worker never executes what is
    being cleaned up.
    """

    run: Run
    _open: dict[str, Planned] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _tidying: Lock = field(default_factory=Lock)

    def add(self, entry: Planned) -> None:
        """Take note of a change set that exists from now on."""
        with self._lock:
            self._open[entry.change_set.arn] = entry

    def take(self, entry: Planned) -> None:
        """Take the change set out in order to execute it.

        Raises `StoppedError` when it is discarded already.
        """
        with self._lock:
            if self._open.pop(entry.change_set.arn, None) is None:
                raise StoppedError("the run was interrupted")

    def discard(self, entry: Planned) -> None:
        """Delete the change set, and the shell of a stack that exists only through it."""
        with self._lock:
            self._open.pop(entry.change_set.arn, None)
        self.run.cloudformation(entry.stack).discard(entry.change_set, entry.kind)

    def discard_all(self, entries: Iterable[Planned] = ()) -> None:
        """Discard `entries` and whatever else is open.

        What AWS does not let go now is replaced by the next run, so it is no failure of this one.
        Of several threads that tidy up, none comes back before all is gone.
        """
        with self._tidying:
            with self._lock:
                found = {entry.change_set.arn: entry for entry in entries} | self._open
            for entry in found.values():
                with suppress(TapgenError):
                    self.discard(entry)
