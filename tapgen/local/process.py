"""The server as an operating system process: start it, recognise it, end it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tapgen.local import state

if TYPE_CHECKING:
    from tapgen.local.state import LocalAws

IDENTITY_PATH = "/_tapgen/identity"

_MODULE = "tapgen.local.server"

_KEPT_VARIABLES = ("PATH", "HOME", "LANG", "TZ", "TERM", "PYTHONPATH", "VIRTUAL_ENV")
_KEPT_PREFIXES = ("LC_", "COVERAGE_")
_PROCESSES = Path("/proc")
"""Linux only. Other systems always have an init process."""
_ANSWER_SECONDS = 30.0
_POLL_SECONDS = 0.02

# Children are kept: dropping the Popen of a running process warns, and only its parent can
# distinguish a dead process from a zombie.
_children: dict[int, subprocess.Popen[bytes]] = {}


def spawn(directory: Path, port: int | None, *, enforce_iam: bool, minute: float) -> int:
    """Start the server in a new session. Returns its process id at once."""
    temporary = directory / state.TEMPORARY
    temporary.mkdir(parents=True, exist_ok=True)
    with (directory / state.LOG).open("wb") as log:
        child = subprocess.Popen(  # noqa: S603 - our own module, no shell
            _command(directory, port, enforce_iam=enforce_iam, minute=minute),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=_environment(temporary),
            start_new_session=True,
        )
    _children[child.pid] = child
    return child.pid


def _command(directory: Path, port: int | None, *, enforce_iam: bool, minute: float) -> list[str]:
    chosen = [] if port is None else ["--port", str(port)]
    chosen += ["--enforce-iam"] if enforce_iam else []
    chosen += ["--minute", str(minute)]
    return [sys.executable, "-m", _MODULE, "--directory", str(directory), *chosen]


def alive(pid: int) -> bool:
    """Whether a process is running. A zombie is not."""
    child = _children.get(pid)
    if child is not None:
        return child.poll() is None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _zombie(pid)


def _zombie(pid: int) -> bool:
    """Whether a process is a zombie: in a container without init, dead orphans stay listed."""
    try:
        status = (_PROCESSES / str(pid) / "stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] == "Z"


def serves(local: LocalAws) -> bool:
    """Whether the process is the server in server.json, by its command line.

    It may still not answer, because it is stopped or busy.
    """
    command = _command_line(local.pid)
    return _MODULE in command and str(local.directory) in command


def _command_line(pid: int) -> str:
    if _PROCESSES.is_dir():
        try:
            text = (_PROCESSES / str(pid) / "cmdline").read_text(encoding="utf-8")
        except OSError:
            return ""
        return text.replace("\0", " ")
    found = subprocess.run(  # noqa: S603 - a number, no shell
        ["ps", "-ww", "-o", "command=", "-p", str(pid)],  # noqa: S607 - in any folder
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout


def identifies(local: LocalAws) -> bool:
    """Whether the server in server.json is listening there."""
    url = local.endpoint_url + IDENTITY_PATH
    try:
        with state.ask(url, timeout=_ANSWER_SECONDS) as answer:
            identity = json.load(answer)
    except (OSError, ValueError):
        return False
    return bool(identity == {"pid": local.pid, "directory": str(local.directory)})


def terminate(pid: int, *, timeout: float) -> None:
    """End the server and its Lambda workers: with SIGTERM, and SIGKILL after `timeout` seconds."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGCONT)  # a stopped process would not receive it
    _wait_for_end(pid, timeout)
    # The server leads its own process group, so this also reaches its remaining workers.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    _wait_for_end(pid, timeout)
    _children.pop(pid, None)


def _wait_for_end(pid: int, timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)


def _environment(temporary: Path) -> dict[str, str]:
    """Only what the server needs: function code inherits it, so it contains no credentials."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT_VARIABLES or name.startswith(_KEPT_PREFIXES)
    }
    files = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
    return {**kept, **files, "TMPDIR": str(temporary), "PYTHONUNBUFFERED": "1"}
