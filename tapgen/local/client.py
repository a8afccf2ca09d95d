"""Starts, finds, empties and stops the local AWS of a project.

The only module of this folder that the rest of tapgen imports. Standard library only: neither
boto3 nor MiniStack is loaded before the server process needs them.
"""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
import time
from typing import TYPE_CHECKING

from tapgen.errors import MissingExtraError, TapgenError
from tapgen.local import process, state
from tapgen.local.addresses import api_url, variables
from tapgen.local.minutes import MINUTE_SECONDS
from tapgen.local.state import LocalAws

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = [
    "LocalAws",
    "api_url",
    "inject",
    "ledger_folder",
    "reset",
    "running",
    "start",
    "stop",
    "variables",
]

_POLL_SECONDS = 0.05
_STOP_SECONDS = 30.0
_RESET_SECONDS = 30.0


def start(
    project: Path,
    *,
    port: int | None = None,
    enforce_iam: bool = False,
    minute: float = MINUTE_SECONDS,
    timeout: float = 30.0,
) -> LocalAws:
    """Start the local AWS of `project`, or return the one that already runs.

    Without `port` it takes 4566 when that is free and any free port otherwise. With `enforce_iam`
    it does only what a caller's policies allow; one that runs already may do so in either case.
    `minute` is how many seconds it takes over what takes AWS a minute.
    Two processes may call this at once: a file lock makes the second one find the first one's
    server.

    Raises TapgenError when the extra is not installed, when another port is asked for than the
    running one has, when that one does not answer or does not enforce IAM but is asked to, when
    nothing can be written to the project's folder, and when the server dies or is not ready within
    `timeout` seconds.
    """
    directory = state.directory(project)
    with state.locked(directory):
        if (existing := running(project)) is not None:
            if port not in (None, existing.port):
                raise TapgenError(
                    f"The local AWS already runs on port {existing.port}, not {port}.",
                    "Run `tapgen local stop` first, or leave the port out.",
                )
            if enforce_iam and not existing.enforces_iam:
                raise TapgenError(
                    "The local AWS already runs, and does not enforce IAM.",
                    "Run `tapgen local stop` first; everything in it is gone then.",
                )
            return existing
        _require_extra()
        state.refuse_full(directory)
        # Left by a server that was killed and whose process id is used again.
        _clean(directory)
        pid = process.spawn(directory, port, enforce_iam=enforce_iam, minute=minute)
        return _wait_until_ready(project, pid, timeout)


def ledger_folder(local: LocalAws) -> Path:
    """Where what is done to the local AWS is recorded; it is gone with the local AWS itself."""
    return local.directory / state.LEDGER


def running(project: Path) -> LocalAws | None:
    """Return the project's local AWS when it answers; clean up what a dead one left behind.

    A process id can be used again and a port can be taken by something else, so the server itself
    is asked which process and which directory it serves.

    Raises TapgenError when it lives and does not answer: everything in it would be lost if it were
    taken for none.
    """
    directory = state.directory(project)
    local = state.read(directory)
    if local is None:
        return None
    if not process.alive(local.pid):
        _clean(directory)
        return None
    if process.identifies(local):
        return local
    if process.serves(local):
        raise TapgenError(
            f"The local AWS (process {local.pid}, port {local.port}) runs, but does not answer.",
            f"It may be stopped (`kill -CONT {local.pid}` wakes it) or busy. `tapgen local stop` "
            "ends it; everything in it is gone then.",
        )
    return None


def stop(project: Path) -> bool:
    """Stop the project's local AWS and wait until nothing of it is left; False when none ran."""
    directory = state.directory(project)
    if not directory.is_dir():
        return False
    with state.locked(directory):
        local = state.read(directory)
        if local is None or not process.serves(local):
            local = running(project)
        if local is None:
            return False
        process.terminate(local.pid, timeout=_STOP_SECONDS)
        _clean(directory)
        return True


def reset(local: LocalAws) -> None:
    """Empty every account and region, and clear the injected faults."""
    import urllib.request

    request = urllib.request.Request(f"{local.endpoint_url}/_ministack/reset", method="POST")  # noqa: S310 - loopback, http
    with state.ask(request, timeout=_RESET_SECONDS):
        inject(local, {})


def inject(local: LocalAws, faults: Mapping[str, object]) -> None:
    """Make chosen resource operations wait, fail or take longer, until the next call replaces it.

    `{"hold": ["update:LogicalId"]}` lets that operation of that resource wait until a later call
    holds it no more; `"LogicalId"` means each operation of it, `"create:*"` every creation, `"*"`
    everything. These two hold nothing of a stack that is cancelled or rolled back. What is held for
    longer than `HOLD_SECONDS` of `tapgen.local.faults` fails.

    `{"create:LogicalId": "message"}` fails that operation of that resource with that message
    (`update:` and `delete:` likewise); `{"delay": {"LogicalId": 2.0}}` makes each operation of it
    take that many seconds longer, `"*"` means every resource. `{"tables": 5.0}` says for how many
    seconds a DynamoDB table is UPDATING after each change, `{"apis": 5.0}` the same of a REST API
    after a change of its TLS. `{"idle": ["function"]}` lets functions be Inactive until the first
    call, which fails. `{"shifts": ["function"]}` keeps a shift of a function's traffic at its first
    step until a later call does so no more. An empty mapping clears all.
    """
    state.write_json(local.directory / state.FAULTS, dict(faults))


def _require_extra() -> None:
    if importlib.util.find_spec("ministack") is None:
        raise MissingExtraError("The local AWS is not installed.", "local")


def _wait_until_ready(project: Path, pid: int, timeout: float) -> LocalAws:
    directory = state.directory(project)
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if not process.alive(pid):
            log = state.last_lines(directory)
            _clean(directory)
            raise TapgenError(
                f"The local AWS stopped while starting. Its last words:\n{log}",
                f"The whole log is in {directory / state.LOG}.",
            )
        if (local := running(project)) is not None:
            return local
        time.sleep(_POLL_SECONDS)
    process.terminate(pid, timeout=_STOP_SECONDS)
    _clean(directory)
    raise TapgenError(
        f"The local AWS was not ready after {timeout:g} seconds.",
        f"Look into {directory / state.LOG}, or allow more time.",
    )


def _clean(directory: Path) -> None:
    for name in (state.SERVER, state.FAULTS):
        with contextlib.suppress(FileNotFoundError):
            (directory / name).unlink()
    for folder in (state.TEMPORARY, state.LEDGER):
        shutil.rmtree(directory / folder, ignore_errors=True)
