"""What the client and the server leave for each other in `<project>/.tapgen/local/`."""

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
"""Who serves: `{"pid": int, "port": int, "version": str, "enforces_iam": bool}`.

Written once the server is ready.
"""
FAULTS = "faults.json"
"""What should go wrong; see `tapgen.local.client.inject`."""
LOG = "server.log"
LOCK = "lock"
LEDGER = "ledger"
"""A folder: what was deployed into this local AWS, as long as it lives."""
TEMPORARY = "tmp"
"""The server's own temporary folder, so that stopping can empty it without guessing names."""

_ROOM = 1 << 20
"""Bytes."""

HOST = "127.0.0.1"
SECRET = "local"  # noqa: S105 - not one: everybody may be the root of every account here
"""Secret access key of an account's root, whose access key is the account id."""


@dataclass(frozen=True, slots=True)
class LocalAws:
    """A running local AWS; `directory` is its state directory.

    Where it enforces IAM, what a caller may do is what its policies say; only an account's root,
    whose access key is the account id, may do everything.
    """

    endpoint_url: str
    port: int
    pid: int
    directory: Path
    enforces_iam: bool = False


def directory(project: Path) -> Path:
    """Where the project's state is. Raises TapgenError where a link leads out of the project."""
    root = Path(project).resolve()
    found = root / ".tapgen" / "local"
    if not Path(os.path.realpath(found)).is_relative_to(root):
        raise TapgenError(
            f"{found} is a link that leads out of the project, to {os.path.realpath(found)}.",
            "Remove the link.",
        )
    return found


def read(directory: Path) -> LocalAws | None:
    """Return what server.json says, or None when there is none or it is no such file."""
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
    """Open a loopback URL. No proxy leads there, whatever the environment says."""
    import urllib.request  # a tenth of `tapgen --help`, and mostly nothing runs

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return opener.open(request, timeout=timeout)


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file that no reader ever sees half of."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(value, file)
    Path(name).replace(path)


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Hold the directory's lock; it is released when the holder dies, too.

    Raises TapgenError where nothing can be written there.
    """
    with contextlib.ExitStack() as opened:
        with _explained(directory):
            directory.mkdir(parents=True, exist_ok=True)
            lock = opened.enter_context((directory / LOCK).open("w"))
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def refuse_full(directory: Path) -> None:
    """Raise TapgenError where the disk has no room for what a server writes at once."""
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
            "It needs a folder with some room beside the settings: make room, or copy the project "
            "to where it may be written.",
        ) from error


def last_lines(directory: Path, count: int = 15) -> str:
    with contextlib.suppress(FileNotFoundError):
        text = (directory / LOG).read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-count:])
    return ""
