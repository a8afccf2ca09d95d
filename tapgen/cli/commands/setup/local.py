"""`tapgen local start|stop|status|env`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tapgen.cli import options
from tapgen.cli.boundary import DIFFERENT
from tapgen.cli.invocation import Invocation
from tapgen.cli.terminal import echo, remark

if TYPE_CHECKING:
    from tapgen.local.client import LocalAws


@click.group(
    epilog="The local AWS runs on this machine only (loopback) and keeps its state in .tapgen/. "
    "It is installed with the extra tapgen[local]."
)
def command() -> None:
    """Start and stop the embedded local AWS."""


@command.command()
@click.option("--port", type=click.IntRange(1024, 65535), help="Port; by default a free one.")
@click.option(
    "--enforce-iam",
    is_flag=True,
    help="Enforce the IAM policies of callers and functions, as AWS does.",
)
@options.shared
@click.pass_obj
def start(invocation: Invocation, port: int | None, enforce_iam: bool) -> None:
    """Start the local AWS, if it is not running already."""
    from tapgen.local.client import start as start_local

    started = start_local(invocation.project.folder, port=port, enforce_iam=enforce_iam)
    remark(_running(started), err=False)


@command.command()
@options.shared
@click.pass_obj
def stop(invocation: Invocation) -> None:
    """Stop the local AWS, and delete everything in it."""
    from tapgen.local.client import stop as stop_local

    stopped = stop_local(invocation.project.folder)
    remark("stopped" if stopped else "the local AWS was not running", err=False)


@command.command()
@options.output_format("text", "json")
@options.shared
@click.pass_obj
def status(invocation: Invocation, output: str) -> int:
    """Show whether and where the local AWS is running; exit 3 if it is not."""
    from tapgen.cli import machine
    from tapgen.local.client import running

    local = running(invocation.project.folder)
    if output == "json":
        machine.show({"running": local is not None, **(_facts(local) if local else {})})
    elif local:
        echo(_running(local))
    else:
        echo("the local AWS is not running; `tapgen local start` starts it")
    return 0 if local else DIFFERENT


def _running(local: LocalAws) -> str:
    enforcing = ", enforces IAM" if local.enforces_iam else ""
    return f"local AWS at {local.endpoint_url} (process {local.pid}{enforcing})"


def _facts(local: LocalAws) -> dict[str, object]:
    return {
        "endpoint_url": local.endpoint_url,
        "pid": local.pid,
        "enforces_iam": local.enforces_iam,
    }


@command.command(
    epilog='Example:\n\n\b\n  eval "$(tapgen local env dev)" && aws dynamodb list-tables'
)
@options.environment(looks=True)
@options.shared
@click.pass_obj
def env(invocation: Invocation, name: str) -> None:
    """Print shell variables that point AWS tools at an environment in the local AWS."""
    import shlex

    from tapgen.local.client import variables

    (environment,) = invocation.project.environments([name])
    settings = variables(invocation.project.local_aws(), environment.account_id, environment.region)
    for variable, value in settings.items():
        echo(f"export {variable}={shlex.quote(value)}")
