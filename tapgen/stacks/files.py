"""Writing files so that a reader sees the old or the new content, never a part of it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from tapgen.errors import TapgenError


def write_atomically(path: Path, content: str | bytes, mode: int = 0o644) -> None:
    """Write to a temporary file beside `path`, then rename it into place.

    Raises `TapgenError` when the disk is full or the folder is not writable; `path` is then what it
    was before, and no temporary file stays behind.
    """
    data = content.encode() if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
        with open(descriptor, "wb") as file:  # noqa: PTH123 - opens the descriptor made above
            file.write(data)
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise TapgenError(
            f"cannot write {path}: {error.strerror or error}",
            "Nothing was changed. Free space or check the folder's permissions, then try again.",
        ) from error
