"""Files: written so that a reader sees the old or the new content, never a part of it."""

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
        raise _failure("write", path, error) from error


def read(path: Path) -> str | None:
    """The file's text, None where there is no such file; what is no UTF-8 shows as U+FFFD.

    Raises `TapgenError` when there is something that cannot be read.
    """
    try:
        return path.read_bytes().decode(errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _failure("read", path, error) from error


def remove(path: Path) -> None:
    """Delete a file. Raises `TapgenError` when that is not permitted."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _failure("remove", path, error) from error


def _failure(verb: str, path: Path, error: OSError) -> TapgenError:
    return TapgenError(
        f"cannot {verb} {path}: {error.strerror}",
        "The file is as it was. Check free space and permissions, then try again.",
    )
