"""Files that the client and the server share in `<project>/.tapgen/local/`."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tapgen.errors import TapgenError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from urllib.request import Request

SERVER = "server.json"
"""The running server: `{"pid": int, "port": int, "version": str, "enforces_iam": bool}`.

Written once the server is ready.
"""
FAULTS = "faults.json"
"""Injected faults; see `tapgen.local.client.inject`."""
LOG = "server.log"
LOCK = "lock"
LEDGER = "ledger"
"""A folder with the record of this local AWS, deleted together with it."""
TEMPORARY = "tmp"
"""The server's own temporary folder, which stopping can delete as a whole."""

_ROOM = 1 << 20
"""Bytes."""

HOST = "127.0.0.1"
SECRET = "local"  # noqa: S105 - not a secret: anyone may be the root of any account here
"""Secret access key of an account's root, whose access key is the account id."""


@dataclass(frozen=True, slots=True)
class LocalAws:
    """A running local AWS; `directory` is its state directory.

    If it enforces IAM, a caller may do only what its policies allow. Only an account's root, whose
    access key is the account id, may do everything.
    """

    endpoint_url: str
    port: int
    pid: int
    directory: Path
    enforces_iam: bool = False


def directory(project: Path) -> Path:
    """The folder of the project's state. Raises TapgenError if a link leads out of the project."""
    root = Path(project).resolve()
    found = root / ".tapgen" / "local"
    if not Path(os.path.realpath(found)).is_relative_to(root):
        raise TapgenError(
            f"{found} is a link to {os.path.realpath(found)}, which is outside the project.",
            "Remove the link.",
        )
    return found


def read(directory: Path) -> LocalAws | None:
    """Return the content of server.json, or None if it is missing or invalid."""
    try:
        written = json.loads((directory / SERVER).read_text(encoding="utf-8"))
        port, pid = int(written["port"]), int(written["pid"])
        enforces_iam = bool(written.get("enforces_iam"))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    return LocalAws(
        endpoint_url=f"http://{HOST}:{port}",
        port=port,
        pid=pid,
        directory=directory,
        enforces_iam=enforces_iam,
    )


def ask(request: str | Request, timeout: float) -> Any:
    """Open a loopback URL, without the proxy in the environment."""
    import urllib.request  # a tenth of `tapgen --help`, and usually nothing is running

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return opener.open(request, timeout=timeout)


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file atomically."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(value, file)
    Path(name).replace(path)


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Hold the directory's lock, which is also released when the holder dies.

    Raises TapgenError if the directory is not writable.
    """
    with contextlib.ExitStack() as opened:
        with _explained(directory):
            directory.mkdir(parents=True, exist_ok=True)
            lock = opened.enter_context((directory / LOCK).open("w"))
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def refuse_full(directory: Path) -> None:
    """Raise TapgenError if the disk has no space for the server's first files."""
    with _explained(directory), tempfile.TemporaryFile(dir=directory) as probe:
        probe.write(bytes(_ROOM))
        probe.flush()


@contextlib.contextmanager
def _explained(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TapgenError(
            f"The local AWS cannot write to {directory}: {error.strerror}.",
            "It needs a writable folder with some free space: free some, or copy the project "
            "to a writable folder.",
        ) from error


def last_lines(directory: Path, count: int = 15) -> str:
    with contextlib.suppress(FileNotFoundError):
        text = (directory / LOG).read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-count:])
    return ""
