"""`tapgen env list|show|diff|new|schema`."""

from __future__ import annotations

import click

from tapgen.cli import options
from tapgen.cli.boundary import DIFFERENT
from tapgen.cli.invocation import Invocation
from tapgen.cli.terminal import echo


@click.group()
def command() -> None:
    """List, show, compare and copy environments; print their schema."""


@command.command(
    "list",
    epilog="Example:\n\n\b\n"
    "  tapgen env list --format matrix   for GitHub Actions jobs: all environments,\n"
    "                                    and those of each promotion stage",
)
@options.output_format("text", "json", "matrix")
@options.shared
@click.pass_obj
def list_(invocation: Invocation, output: str) -> None:
    """List the environments with account, region, domain and protection."""
    from tapgen.cli.views import environments
    from tapgen.settings.checks.rules import checks_of
    from tapgen.settings.stages import stages

    platform, found = invocation.platform, invocation.project.environments()
    if output == "matrix":
        from tapgen.deploy.observe.live.listening import converses

        environments.show_matrix(stages(found, platform.stages), live=converses(platform))
    else:
        environments.show_list(found, checks_of(platform).overview, output)


@command.command(
    epilog="Example:\n\n\b\n  tapgen env show prod         every value and the file:line it comes "
    "from"
)
@options.environment(looks=True)
@options.output_format("text", "json")
@options.shared
@click.pass_obj
def show(invocation: Invocation, name: str, output: str) -> None:
    """Show every setting of an environment and the file:line it comes from."""
    from tapgen.cli.views import environments

    (environment,) = invocation.project.environments([name])
    environments.show_settings(environment, output)


@command.command(
    epilog="Example:\n\n\b\n  tapgen env diff staging prod   what differs, and whether it may"
)
@options.two_environments
@click.option("--exit-code", is_flag=True, help="Exit 3 if anything differs.")
@options.output_format("text", "json")
@options.shared
@click.pass_obj
def diff(invocation: Invocation, names: tuple[str, ...], exit_code: bool, output: str) -> int:
    """Show which settings differ between two environments, and whether they may."""
    from tapgen.cli.views import environments
    from tapgen.settings.comparison import differences

    one, other = (invocation.project.environments([name])[0] for name in names)
    found = differences(one, other)
    environments.show_differences((one.name, other.name), found, output)
    return DIFFERENT if exit_code and found else 0


@command.command(
    cls=options.CopyingCommand,
    epilog="Example:\n\n\b\n  tapgen env new qa --from prod --account-id 444444444444",
)
@options.environment(exist=False)
@click.option(
    "--from",
    "source",
    required=True,
    metavar="ENV",
    shell_complete=options.complete_environments,
    help="Environment to copy.",
)
@click.option("--account-id", required=True, metavar="DIGITS", help="AWS account, 12 digits.")
@click.option("--region", metavar="REGION", help="AWS region; by default that of the source.")
@options.shared
@click.pass_obj
def new(
    invocation: Invocation,
    name: str,
    source: str,
    account_id: str,
    region: str | None,
) -> None:
    """Create the file of a new environment by copying an existing one."""
    from tapgen.cli.views import environments
    from tapgen.project import outputs_of
    from tapgen.render.files import write_atomically
    from tapgen.settings.editing.new_environment import Wanted, replicate

    wanted = Wanted(name, account_id, region, invocation.given)
    replica = replicate(invocation.project.envs, invocation.platform, source, wanted, outputs_of)
    write_atomically(replica.path, replica.text, new=True)
    project = invocation.project
    environments.show_new(replica, source, project.templates, project.suffix)


@command.command()
@options.shared
@click.pass_obj
def schema(invocation: Invocation) -> None:
    """Print the JSON Schema of the environment files."""
    from tapgen.settings.schema import schema_text

    echo(schema_text(invocation.platform), nl=False)
