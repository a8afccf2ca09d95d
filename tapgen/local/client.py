"""Starts, finds, empties and stops the local AWS of a project.

The rest of tapgen imports only this module of the folder. It uses only the standard library: boto3
and MiniStack are loaded only in the server process.
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
    """Start the local AWS of `project`, or return the one that is already running.

    Without `port`, it uses 4566 if that is free, and any free port otherwise. With `enforce_iam`,
    it does only what a caller's policies allow. One that is already running may enforce IAM in
    either case. `minute` is the number of seconds that it takes for what takes AWS a minute. Two
    processes may call this at the same time: a file lock makes the second one find the first one's
    server.

    Raises TapgenError if the extra is not installed, if the running one has a different port, does
    not answer, or does not enforce IAM as requested, if the project's folder is not writable, and
    if the server dies or is not ready within `timeout` seconds.
    """
    directory = state.directory(project)
    with state.locked(directory):
        if (existing := running(project)) is not None:
            if port not in (None, existing.port):
                raise TapgenError(
                    f"The local AWS is already running on port {existing.port}, not {port}.",
                    "Run `tapgen local stop` first, or omit the port.",
                )
            if enforce_iam and not existing.enforces_iam:
                raise TapgenError(
                    "The local AWS is already running, and does not enforce IAM.",
                    "Run `tapgen local stop` first, which deletes everything in it.",
                )
            return existing
        _require_extra()
        state.refuse_full(directory)
        # Left by a killed server whose process id has been reused.
        _clean(directory)
        pid = process.spawn(directory, port, enforce_iam=enforce_iam, minute=minute)
        return _wait_until_ready(project, pid, timeout)


def ledger_folder(local: LocalAws) -> Path:
    """The folder for records of runs on the local AWS, which is deleted together with it."""
    return local.directory / state.LEDGER


def running(project: Path) -> LocalAws | None:
    """Return the project's local AWS if it answers, and clean up after a dead one.

    A process id can be reused and a port can be taken by another program, so the server itself
    returns its process id and its directory.

    Raises TapgenError if it is running but does not answer, because treating it as dead would lose
    everything in it.
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
            f"It may be stopped (`kill -CONT {local.pid}` resumes it) or busy. `tapgen local stop` "
            "ends it and deletes everything in it.",
        )
    return None


def stop(project: Path) -> bool:
    """Stop the project's local AWS, and wait until nothing of it is left. False if none ran."""
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
    """Make selected resource operations wait, fail or take longer. Each call replaces the last one.

    `{"hold": ["update:LogicalId"]}` makes that operation of that resource wait until a later call
    releases it. `"LogicalId"` means each operation of it, `"create:*"` every creation, `"*"`
    everything. The last two hold nothing in a stack that is cancelled or rolled back. An operation
    that is held for longer than `HOLD_SECONDS` of `tapgen.local.faults` fails.

    `{"create:LogicalId": "message"}` fails that operation of that resource with that message
    (`update:` and `delete:` likewise). `{"delay": {"LogicalId": 2.0}}` makes each operation of it
    take that many seconds longer; `"*"` means every resource. `{"tables": 5.0}` sets how many
    seconds a DynamoDB table is UPDATING after each change, `{"apis": 5.0}` the same for a REST API
    after a change of its TLS policy. `{"idle": ["function"]}` makes functions Inactive until the
    first call, which fails. `{"shifts": ["function"]}` keeps a shift of a function's traffic at its
    first step until a later call releases it. An empty mapping clears all.
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
                f"The local AWS stopped while it was starting. Its last output:\n{log}",
                f"The whole log is in {directory / state.LOG}.",
            )
        if (local := running(project)) is not None:
            return local
        time.sleep(_POLL_SECONDS)
    process.terminate(pid, timeout=_STOP_SECONDS)
    _clean(directory)
    raise TapgenError(
        f"The local AWS was not ready after {timeout:g} seconds.",
        f"Check {directory / state.LOG}, or allow more time.",
    )


def _clean(directory: Path) -> None:
    for name in (state.SERVER, state.FAULTS):
        with contextlib.suppress(FileNotFoundError):
            (directory / name).unlink()
    for folder in (state.TEMPORARY, state.LEDGER):
        shutil.rmtree(directory / folder, ignore_errors=True)
