"""The `tapgen` command: a group that loads a command's module only when it is used."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from tapgen import __version__
from tapgen.cli.boundary import guarded
from tapgen.cli.invocation import Invocation
from tapgen.cli.options import named_project
from tapgen.errors import TapgenError, UsageError

if TYPE_CHECKING:
    from tapgen.cli.own_commands import Found

# The key under which a context keeps the result of `own_commands`.
OWN: Final = "tapgen.cli.own_commands"


class Section(NamedTuple):
    """A heading of `tapgen --help`, and the folder of `commands/` that its commands are in."""

    heading: str
    folder: str


class Entry(NamedTuple):
    """A command's section in `tapgen --help`, and its line there (repeated from its docstring)."""

    section: Section
    summary: str


_REVIEW: Final = Section("Write and check", "write")
_CHANGE: Final = Section("Change an environment", "change")
_LOOK: Final = Section("Look at an environment", "look")
_AROUND: Final = Section("Set up", "setup")

# Command -> where it is listed. The module is `module_of(name)`; a test compares the
# summaries with the docstrings there.
COMMANDS: Final[dict[str, Entry]] = {
    "render": Entry(_REVIEW, "Write the templates and the stack files of each environment."),
    "diff": Entry(_REVIEW, "Predict what a change would do to each resource, without asking AWS."),
    "lint": Entry(_REVIEW, "Check settings, templates and stacks: cfn-lint and tapgen's rules."),
    "env": Entry(_REVIEW, "List, show, compare and copy environments; print their schema."),
    "graph": Entry(_REVIEW, "Show the layers and how they depend on each other."),
    "cost": Entry(_REVIEW, "Estimate what environments cost a month, and what a change adds."),
    "report": Entry(_REVIEW, "Write a one-page report on impact, findings, parity and layers."),
    "plan": Entry(_CHANGE, "Show what a deployment would do, using AWS change sets."),
    "approve": Entry(_CHANGE, "Sign a plan made by someone else, so that it can be deployed."),
    "deploy": Entry(_CHANGE, "Bring an environment in line with its settings."),
    "promote": Entry(_CHANGE, "Deploy only what already runs well in the previous environment."),
    "rollback": Entry(_CHANGE, "Return an environment to its state after an earlier release."),
    "adopt": Entry(_CHANGE, "Take over stacks and resources created outside tapgen."),
    "destroy": Entry(_CHANGE, "Delete the stacks of an environment, keeping its data."),
    "recover": Entry(_CHANGE, "Recover stacks from states that block deployments."),
    "cancel": Entry(_CHANGE, "Cancel what is in progress, from any terminal."),
    "status": Entry(_LOOK, "Show the state of each stack."),
    "watch": Entry(_LOOK, "Follow what is in progress, from any terminal."),
    "outputs": Entry(_LOOK, "Show the outputs of each stack, or write them to a file."),
    "verify": Entry(_LOOK, "Compare what is deployed with what is declared, and call the API."),
    "parity": Entry(_LOOK, "Prove that environments are the same, or list what differs."),
    "drift": Entry(_LOOK, "Find changes made outside the templates, and repair them."),
    "history": Entry(_LOOK, "Show the releases of an environment: who did what, when and why."),
    "evidence": Entry(_LOOK, "Gather and sign evidence about an environment for an assessor."),
    "bootstrap": Entry(_AROUND, "Prepare an account: create roles, a ledger and an approval key."),
    "iam-policy": Entry(_AROUND, "Write the IAM policies that people and roles need."),
    "init": Entry(_AROUND, "Start a project with its own platform and environments."),
    "local": Entry(_AROUND, "Start and stop the embedded local AWS."),
    "config": Entry(_AROUND, "Show the project's configuration and where it comes from."),
    "schema": Entry(_AROUND, "Print the JSON Schema of a command's JSON output."),
    "completion": Entry(_AROUND, "Print the completion script for a shell."),
}


def module_of(command: str) -> str:
    """The module that a command is in."""
    return f"tapgen.cli.commands.{COMMANDS[command].section.folder}.{command.replace('-', '_')}"


class LazyGroup(click.Group):
    """Knows its commands by name; a command is imported when it is called or completed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS, *_own(ctx).commands]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in COMMANDS:
            command: click.Command = import_module(module_of(name)).command
            return command
        from tapgen.cli.own_commands import load_command

        own = _own(ctx).commands.get(name)
        try:
            return load_command(own) if own else None
        except TapgenError:
            if ctx.resilient_parsing:  # completion
                return None
            raise

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        ctx.ensure_object(Invocation).project_folder = named_project(args)
        if args[0] not in COMMANDS and not ctx.resilient_parsing:
            own = _own(ctx)
            if args[0] not in own.commands:
                raise _unknown(args[0], own)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for section in dict.fromkeys(entry.section for entry in COMMANDS.values()):
            with formatter.section(section.heading):
                formatter.write_dl(
                    [
                        (n, entry.summary)
                        for n, entry in COMMANDS.items()
                        if entry.section == section
                    ]
                )
        own = _own(ctx)
        if own.commands:
            with formatter.section("From this project"):
                formatter.write_dl([(name, one.summary) for name, one in own.commands.items()])
        for fault in own.faults:
            formatter.write_paragraph()
            formatter.write_text(fault)


def _own(ctx: click.Context) -> Found:
    """Commands that are not tapgen's own, found once."""
    from tapgen.cli.own_commands import own_commands

    if OWN not in ctx.meta:
        ctx.meta[OWN] = own_commands(ctx.ensure_object(Invocation), frozenset(COMMANDS))
    found: Found = ctx.meta[OWN]
    return found


def _unknown(name: str, own: Found) -> UsageError:
    from difflib import get_close_matches

    from tapgen.cli.own_commands import UNKNOWN

    close = get_close_matches(name, [*COMMANDS, *own.commands], n=1)
    hint = f"Did you mean `tapgen {close[0]}`? " if close else ""
    told = "".join(
        f"; {one}" for one in own.faults if one.startswith((f"{name} ", f"{name!r} ", UNKNOWN))
    )
    hint += "`tapgen --help` lists all commands."
    return UsageError(f"no such command {name!r}{told}", hint)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 1 error, 2 wrong usage, 3 differences or findings, 4 refused by a "
    "guard, 70 a bug, 130 interrupted.",
)
@click.version_option(__version__, prog_name="tapgen", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Keep the environments of a platform identical, each in its own AWS account.

    One CloudFormation template per layer, one YAML file per environment, change sets in dependency
    order. Try `tapgen deploy --env dev --local --yes`.
    """
    ctx.obj = Invocation()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    guarded(cli, arguments)
