"""`tapgen env list|show|schema`."""

from __future__ import annotations

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation


@click.group()
def command() -> None:
    """List environments, show where values come from, print the schema."""


@command.command("list")
@options.output_format("text", "json")
@options.shared
@click.pass_obj
def list_(invocation: Invocation, output: str) -> None:
    """List the environments with account, region, domain and protection."""
    from tapgen.cli.views import environments

    environments.show_list(invocation.environments(()), output)


@command.command(
    epilog="Example:\n\n\b\n  tapgen env show --env prod   every value and the file:line it is from"
)
@options.environment
@options.output_format("text", "json")
@options.shared
@click.pass_obj
def show(invocation: Invocation, name: str, output: str) -> None:
    """Show every setting of an environment and the file:line it comes from."""
    from tapgen.cli.views import environments

    (environment,) = invocation.environments([name])
    environments.show_settings(environment, output)


@command.command()
@options.shared
def schema() -> None:
    """Print the JSON Schema of the environment files."""
    from tapgen.environment.schema import schema_text

    click.echo(schema_text(), nl=False)
