"""`tapgen config`."""

from __future__ import annotations

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation


@click.command(
    epilog="A project sets these keys in [tool.tapgen] of its pyproject.toml, or in tapgen.toml. "
    "Environment variables override the file; options override both."
)
@options.output_format("text", "json")
@options.shared
@click.pass_obj
def command(invocation: Invocation, output: str) -> None:
    """Show the project's configuration and where it comes from."""
    from tapgen.cli.views.configuration import show

    told = {"envs": ("--envs-dir", invocation.envs_dir)}
    show(invocation.configuration.with_options(told), output)
