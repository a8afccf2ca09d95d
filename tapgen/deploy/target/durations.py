"""How long operations took the last time, to ask AWS when the next one should be done.

Kept in the user's cache folder. It saves calls and waiting; nothing else depends on it.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from threading import Lock

from tapgen.errors import TapgenError
from tapgen.model.templates.json_text import parsed
from tapgen.render.files import read, write_atomically
from tapgen.render.memory.store import user_folder


@dataclass
class Durations:
    """Seconds by layer and operation, for all environments, since they are alike.

    Several may note durations at the same time; the median of each operation is kept.
    """

    path: Path | None = None
    _known: dict[str, float] = field(default_factory=dict)
    _new: dict[str, list[float]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @classmethod
    def load(cls, path: Path | None) -> Durations:
        """The durations in the file at `path`; empty if it cannot be read or `path` is None."""
        return cls(path, _read(path) if path else {})

    def expected(self, layer: str, operation: str) -> float | None:
        """Seconds that the operation is likely to take; None if unknown."""
        return self._known.get(f"{layer} {operation}")

    def note(self, layer: str, operation: str, seconds: float) -> None:
        """Note how long an operation took that succeeded."""
        with self._lock:
            self._new.setdefault(f"{layer} {operation}", []).append(seconds)

    def save(self) -> None:
        """Save new durations. Errors are ignored: the next run then knows less."""
        if self.path is None or not self._new:
            return
        from statistics import median  # loads fractions: 5 ms

        with self._lock, suppress(TapgenError, OSError):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            new = {name: round(median(each), 2) for name, each in self._new.items()}
            known = {**_read(self.path), **new}
            write_atomically(self.path, json.dumps(known, indent=2, sort_keys=True) + "\n")


def cache_file() -> Path | None:
    """The file of durations; None if there is no cache folder."""
    folder = user_folder()
    return folder and folder / "durations.json"


def _read(path: Path) -> dict[str, float]:
    try:
        found = {str(n): float(seconds) for n, seconds in parsed(read(path) or "{}").items()}
    except (TapgenError, OSError, ValueError, AttributeError, TypeError, OverflowError):
        return {}
    return {name: seconds for name, seconds in found.items() if 0 <= seconds < inf}
