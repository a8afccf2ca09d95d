"""The place of a ledger: a bucket, or else a folder of the project."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from tapgen.errors import UsageError
from tapgen.render.files import read_bytes, write_atomically

_PRIVATE = 0o600  # records name accounts, people and settings


class Place(Protocol):
    """Files by their keys ("a/b.json"), each written once."""

    @property
    def name(self) -> str:
        """Its location, for people."""

    def put(self, key: str, content: bytes) -> bool:
        """Write a file durably; False if it already exists: then it is kept."""

    def get(self, key: str) -> bytes | None:
        """The content of a file; None if it does not exist."""

    def keys(self, prefix: str) -> frozenset[str]:
        """The keys that begin with `prefix`."""


class Folder:
    """A folder on this machine: enough for one person, and for the local AWS."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def name(self) -> str:
        """Its path relative to the working folder, for people."""
        return os.path.relpath(self._path)

    def put(self, key: str, content: bytes) -> bool:
        """Write a file durably; False if it already exists: then it is kept."""
        try:
            write_atomically(self._path / key, content, _PRIVATE, new=True, durable=True)
        except UsageError:
            return False
        return True

    def get(self, key: str) -> bytes | None:
        """The content of a file; None if it does not exist."""
        return read_bytes(self._path / key)

    def keys(self, prefix: str) -> frozenset[str]:
        """The keys that begin with `prefix`, which is the path of a folder."""
        found = (self._path / prefix).rglob("*")
        return frozenset(
            path.relative_to(self._path).as_posix()
            for path in found
            if path.is_file() and not path.name.startswith(".")
        )
