"""Answers as files in the user's cache folder."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

_MOST_ENTRIES: Final = 400  # about twenty states of ten layers, of a few kilobytes each
_MOST_BYTES: Final = 20_000_000
_DIGEST_LENGTH: Final = 64
_OTHERS_WRITE: Final = 0o022


class Store:
    """Entries by key. Nothing here raises: an entry that cannot be read or written is not kept.

    Several processes may share it: an entry appears whole or not at all, and the same key has the
    same content. Each entry begins with a hash of its key and content, so that a damaged one is
    ignored, and also one with the content of another key.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self, key: str) -> Any:
        """The entry, None if there is none."""
        try:
            if not self._private():
                return None
            content = (self.folder / key).read_bytes()
            digest, text = content[:_DIGEST_LENGTH], content[_DIGEST_LENGTH:]
            if _digest(key, text) != digest:
                return None
            return json.loads(text)
        except (OSError, ValueError):
            return None

    def save(self, entries: dict[str, Any]) -> None:
        """Write the entries, and remove the oldest ones above the limits."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self._private():
                return
            for key, entry in entries.items():
                self._write(key, entry)
            self._prune()
        except OSError:
            return

    def _private(self) -> bool:
        """True if no other user can write entries here, because they are trusted."""
        status = self.folder.stat()
        return status.st_uid == os.getuid() and not status.st_mode & _OTHERS_WRITE

    def _write(self, key: str, entry: Any) -> None:
        text = json.dumps(entry, separators=(",", ":")).encode()
        temporary = self.folder / f".{key}.{os.getpid()}"
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "wb") as file:  # noqa: PTH123 - opens the descriptor made above
                file.write(_digest(key, text) + text)
            temporary.replace(self.folder / key)
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise

    def _prune(self) -> None:
        with os.scandir(self.folder) as found:
            entries = [
                (entry, entry.stat(follow_symlinks=False))
                for entry in found
                if not entry.name.endswith(".json")  # durations of deployments
            ]
        entries.sort(key=lambda entry: entry[1].st_mtime_ns, reverse=True)
        size = 0
        for count, (entry, status) in enumerate(entries, 1):
            size += status.st_size
            if count > _MOST_ENTRIES or size > _MOST_BYTES:
                with contextlib.suppress(FileNotFoundError):  # another process may prune, too
                    os.unlink(entry.path)  # noqa: PTH108 - a path as scandir returns it


def _digest(key: str, text: bytes) -> bytes:
    return sha256(key.encode() + text).hexdigest().encode()


def user_store() -> Store | None:
    """The store in the user's cache folder; None if there is no such folder."""
    folder = user_folder()
    return Store(folder) if folder else None


def user_folder() -> Path | None:
    """The folder of tapgen in the user's cache folder; None if there is no such folder.

    That is $XDG_CACHE_HOME/tapgen, ~/.cache/tapgen, or ~/Library/Caches/tapgen on macOS.
    """
    home = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(home):  # noqa: PTH117 - XDG: a relative one must be ignored
        home = "~/Library/Caches" if sys.platform == "darwin" else "~/.cache"
        home = os.path.expanduser(home)  # noqa: PTH111 - leaves the "~" if there is no home
    return None if home.startswith("~") else Path(home, "tapgen")
