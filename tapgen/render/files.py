"""Files: written so that a reader sees the old or the new content, never a part of it.

A relative path never leads out of the working directory through links: a checked-out branch may
have a link `templates_out/prod` to somebody's home directory.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from threading import get_ident
from typing import Final

from tapgen.errors import RefusedError, TapgenError, UsageError

# 16 times CloudFormation's limit for a template; a plan of all layers is a tenth of it.
MAX_BYTES: Final = 16 << 20
_PART_BYTES: Final = 64 << 10  # larger than nearly all files


def write_atomically(
    path: Path,
    content: str | bytes,
    mode: int = 0o644,
    *,
    new: bool = False,
    durable: bool = False,
) -> None:
    """Write to a temporary file next to `path`, then rename it.

    Raises `TapgenError` if the disk is full or the folder is not writable; then `path` is unchanged
    and there is no temporary file. Raises `RefusedError` if a link leads out of the working
    directory. With `new`, the file must not exist: of several writers at the same time one
    succeeds, and the others get a `UsageError`. With `durable`, the file survives a crash of the
    machine.
    """
    _refuse_link_out("write", path)
    data = content.encode() if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{get_ident()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
        with open(descriptor, "wb") as file:  # noqa: PTH123 - opens the descriptor made above
            file.write(data)
            if durable:
                file.flush()
                os.fsync(descriptor)
        (_put_first if new else Path.replace)(temporary, path)
        if durable:
            _sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise _failure("write", path, error) from error


def _sync_folder(folder: Path) -> None:
    """Write the names in a folder to the disk, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _put_first(temporary: Path, path: Path) -> None:
    """Rename only if the target does not exist, which `rename` itself does not check."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError as error:
        raise UsageError(f"{path} already exists", "Choose another name.") from error
    finally:
        temporary.unlink()


def refuse_foreign(
    path: Path,
    what: str,
    is_own: Callable[[str], bool],
    *,
    force: bool = False,
    option: str = "--out",
) -> None:
    """Raise `RefusedError` if `path` exists and is not an earlier output of the same kind.

    `what` names the kind ("a report"), `is_own` is true for its text. With `force` any other file
    may be overwritten, but no link and no special file. The file was named with `option`.
    """
    refuse_special(path, option)
    text = None if force else read(path)
    if text is not None and not is_own(text):
        raise RefusedError(
            f"{path} is not {what}, so it is not overwritten",
            f"Name another file with {option}, or remove this one first.",
        )


def refuse_special(path: Path, option: str = "--out") -> None:
    """Raise `RefusedError` if an output would replace a link, a folder or a special file."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        kind = "a link" if path.is_symlink() else "not a regular file"
        raise RefusedError(
            f"{path} is {kind}, so nothing is written there", f"Name a file with {option}."
        )


def read(path: str | Path) -> str | None:
    """The file's text, None if it does not exist; invalid UTF-8 becomes U+FFFD.

    Raises the errors of `read_bytes`.
    """
    content = read_bytes(path)
    return None if content is None else content.decode(errors="replace")


def read_bytes(path: str | Path) -> bytes | None:
    """The file's bytes, None if it does not exist.

    Raises `TapgenError` if it cannot be read or is larger than `MAX_BYTES`. A pipe is not read: it
    may have no writer.
    """
    try:
        content = _content(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _failure("read", Path(path), error) from error
    if len(content) > MAX_BYTES:
        raise TapgenError(
            f"cannot read {path}: it is larger than {MAX_BYTES >> 20} MiB",
            "Check the path: no file that tapgen reads is that large.",
        )
    return content


def _content(path: str | Path) -> bytes:
    """The file's bytes, or more than `MAX_BYTES` of them.

    Read in parts and without a buffer: a large buffer would be allocated for each of thousands of
    small files.
    """
    parts, size = [], 0
    with open(path, "rb", buffering=0, opener=_without_waiting) as file:
        if stat.S_ISFIFO(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.ESPIPE, "it is a pipe, not a file")
        while size <= MAX_BYTES and (part := file.read(_PART_BYTES)):
            parts.append(part)
            size += len(part)
    return b"".join(parts)


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


def json_files(out: Path) -> list[str]:
    """Relative paths of the JSON files in a folder and in its folders, sorted."""
    found = []
    for at, folders, names in os.walk(out, followlinks=True):
        folder = "" if at == str(out) else f"{os.path.basename(at)}/"  # noqa: PTH119 - thousands
        found += [f"{folder}{name}" for name in names if name.endswith(".json")]
        if folder:
            folders.clear()
    return sorted(found)


def remove(path: Path) -> None:
    """Delete a file. Raises `TapgenError` if that fails, `RefusedError` as for writing."""
    _refuse_link_out("remove", path)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _failure("remove", path, error) from error


def _refuse_link_out(verb: str, path: Path) -> None:
    if path.is_absolute() or ".." in path.parts:  # named explicitly
        return
    folder = Path(os.path.realpath(path.parent))  # the file itself is replaced, not followed
    if not folder.is_relative_to(os.path.realpath(Path())):
        raise RefusedError(
            f"cannot {verb} {path}: a link points outside this directory, to {folder}",
            "Remove the link, or name the folder it points to.",
        )


def _failure(verb: str, path: Path, error: OSError) -> TapgenError:
    return TapgenError(
        f"cannot {verb} {path}: {error.strerror}",
        "The file is unchanged. Check free space and permissions, then try again.",
    )
