"""What the tests have made in an account: written down before it is made, crossed out when gone.

So whatever interrupts a run, it is known what may be left: the next one removes it first.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """Something in an account; `kind` is one of `tests.behaviour.removal.REMOVERS`."""

    kind: str
    name: str
    region: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name} in {self.region}"


@dataclass
class Ledger:
    """The entries that are open, oldest first; kept in a file where there is one."""

    path: Path | None = None
    entries: list[Entry] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> Ledger:
        """The ledger of a file; an empty one where there is no file yet."""
        if not path.exists():
            return cls(path)
        return cls(path, [Entry(**entry) for entry in json.loads(path.read_text())])

    def add(self, entry: Entry) -> None:
        if entry not in self.entries:
            self.entries.append(entry)
            self._write()

    def remove(self, entry: Entry) -> None:
        self.entries.remove(entry)
        self._write()

    def _write(self) -> None:
        if self.path is None:
            return
        beside = self.path.with_suffix(".new")
        beside.write_text(json.dumps([asdict(entry) for entry in self.entries], indent=2))
        beside.replace(self.path)  # whole, or as before
