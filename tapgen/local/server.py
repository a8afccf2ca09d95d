"""The server process: `python -m tapgen.local.server --directory DIR [--port N] ...`.

It binds only the loopback address, starts MiniStack with our resource types on a socket that it
already owns (so no other process can take the port in between), and writes server.json once it
answers. SIGTERM ends it together with its Lambda workers.
"""

from __future__ import annotations

import argparse
import asyncio
import atexit
import contextlib
import os
import signal
import socket
from pathlib import Path
from typing import Any, NoReturn

from tapgen.local import minutes, state

PREFERRED_PORT = 4566
"""MiniStack's and LocalStack's default, which other tools expect."""

_GRACE_SECONDS = 0.5
_KEEP_ALIVE_SECONDS = 75.0
"""Longer than botocore's connection pool keeps an idle connection (60 s)."""


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tapgen.local.server")
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--port", type=int)
    parser.add_argument("--enforce-iam", action="store_true")
    parser.add_argument("--minute", type=float, default=minutes.MINUTE_SECONDS)
    options = parser.parse_args(arguments)
    minutes.set_minute(options.minute)
    with listen(options.port) as listener:
        _configure(options.directory, listener.getsockname()[1], enforce_iam=options.enforce_iam)
        asyncio.run(_serve(options.directory, listener, enforce_iam=options.enforce_iam))


def listen(port: int | None) -> socket.socket:
    """Bind the loopback address: `port`, or the preferred port, or any that is free."""
    if port is not None:
        return _bind(port)
    try:
        return _bind(PREFERRED_PORT)
    except OSError:
        return _bind(0)


def _bind(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # A port in TIME_WAIT after a restart is free; a port with a listener is not.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((state.HOST, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise OSError(f"Port {port} on {state.HOST} is not free: {error.strerror}") from error
    return listener


def _configure(directory: Path, port: int, *, enforce_iam: bool) -> None:
    """Set the environment variables that MiniStack reads when it is imported."""
    for name in [name for name in os.environ if name.startswith("COVERAGE_")]:
        del os.environ[name]  # coverage of this process is measured, that of its functions is not
    os.environ.update(
        GATEWAY_PORT=str(port),
        BIND_HOST=state.HOST,
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
        PERSIST_STATE="0",
        STATE_DIR=str(directory / state.TEMPORARY),
        S3_DATA_DIR=str(directory / state.TEMPORARY),
        DOCKER_HOST=f"unix://{directory / 'no-docker'}",
        # Without a daemon, the X-Ray SDK would warn at every call.
        AWS_XRAY_CONTEXT_MISSING="IGNORE_ERROR",
        AUTH=str(enforce_iam).lower(),
        # With AUTH, signatures are checked too, including those of an account's root.
        AWS_SECRET_ACCESS_KEY=state.SECRET,
    )


def _extend(directory: Path, port: int, *, enforce_iam: bool) -> None:
    """Install all additions to MiniStack, before it answers requests."""
    from tapgen.local import (
        caller,
        faults,
        gateway,
        resources,
        rules,
        services,
    )
    from tapgen.local.internals import (
        callers,
        change_sets,
        creations,
        imports,
        owners,
        permissions,
        requests,
        routing,
        shells,
        update_policies,
    )
    from tapgen.local.internals.functions import idle
    from tapgen.local.internals.services import (
        api_updates,
        dependent_actions,
        identity_providers,
        tables,
    )
    from tapgen.local.services import stack_tags
    from tapgen.local.services.codedeploy import service as codedeploy
    from tapgen.local.services.codedeploy import shift

    caller.set_port(port)
    services.install()
    resources.install()
    routing.serve_origins_over(gateway.origin_connection(port))
    requests.know_pseudo_parameters_in_conditions()
    requests.tell_attributes_apart()
    requests.compare_what_is_made()
    requests.tell_only_what_changes()
    shells.keep_shells()
    owners.tell_owners()
    imports.put_stack_tags(stack_tags.put_tags)
    creations.end_before_deletion()
    update_policies.know_templates()
    change_sets.update_for_outputs()
    change_sets.refuse_by_status()
    change_sets.refuse_unknown_roles()
    change_sets.know_repeated_requests()
    permissions.install()
    permissions.told_of_resources(codedeploy.resource)
    callers.know_roles()
    idle.idle_ones(faults.idle_functions(directory))
    shift.hold(faults.held_shifts(directory))
    if enforce_iam:
        shift.ask_roles()
    api_updates.take_time(faults.api_seconds(directory))
    tables.take_time(faults.table_seconds(directory))
    dependent_actions.ask_for_dependent_actions()
    identity_providers.know_tokens()
    rules.install(directory)


async def _serve(directory: Path, listener: socket.socket, *, enforce_iam: bool) -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    from tapgen.local import gateway, internals

    port = listener.getsockname()[1]
    _extend(directory, port, enforce_iam=enforce_iam)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)

    def ready() -> None:
        identity = {
            "pid": os.getpid(),
            "port": port,
            "version": internals.VERSION,
            "enforces_iam": enforce_iam,
        }
        state.write_json(directory / state.SERVER, identity)

    config = Config()
    config.bind = [f"fd://{os.dup(listener.fileno())}"]
    config.keep_alive_timeout = _KEEP_ALIVE_SECONDS
    config.graceful_timeout = _GRACE_SECONDS
    with contextlib.suppress(asyncio.CancelledError):
        # Hypercorn types every ASGI message; MiniStack, like us, takes them as plain dicts.
        application: Any = gateway.application(directory, ready)
        await serve(application, config, shutdown_trigger=stopping.wait)
    internals.end_lambda_workers()
    _leave()


def _leave() -> NoReturn:
    """End the process now. Stack operations are running in threads, and call this server.

    Waiting for them would delay the end, and their results are not kept.
    """
    atexit._run_exitfuncs()  # coverage writes its data
    os._exit(0)  # pragma: no cover - by now it has


if __name__ == "__main__":
    main()
