"""`tapgen plan`."""

from __future__ import annotations

from pathlib import Path

import click

from tapgen.cli import options
from tapgen.cli.boundary import DIFFERENT
from tapgen.cli.invocation import Invocation


@click.command(
    cls=options.GuardedCommand,
    epilog="Examples:\n\n\b\n"
    "  tapgen plan prod --exit-code               in CI: exit 3 if anything would change\n"
    "  tapgen plan prod --out plan.json           for review, then `tapgen deploy --plan`\n"
    "  tapgen plan --all                          what would change in any environment\n"
    "  tapgen plan --discard plan.json            deletes a plan that is no longer wanted",
)
@options.one_or_more
@options.layers
@click.option("--exit-code", is_flag=True, help="Exit 3 if anything would change.")
@options.plan_file(
    "--out", exists=False, text="Keep the change sets, and write the plan to FILE for review."
)
@options.plan_file(
    "--discard", "unwanted", exists=True, text="Delete the plan in FILE and its change sets."
)
@options.full
@options.allowed
@options.operation
@options.on_aws("text", "json")
def command(
    invocation: Invocation,
    names: tuple[str, ...],
    layers: tuple[str, ...],
    exit_code: bool,
    out: Path | None,
    unwanted: Path | None,
    full: bool,
    allowed: tuple[str, ...],
    output: str,
) -> int:
    """Show what a deployment would do, using AWS change sets."""
    from tapgen.cli.host import TerminalHost
    from tapgen.cli.views.runs import ends
    from tapgen.deploy.run.step import Choices
    from tapgen.operations import deployment

    only = options.only(names, "--out" if out else "--discard") if out or unwanted else None
    with TerminalHost(invocation.verbosity, many=len(names) > 1) as host:
        if unwanted:
            count = deployment.discard_plan(invocation.project, unwanted, host, environment=only)
            ends.show_discarded(unwanted, count)
            return 0
        wanted = options.required(names, looks=not out)
        choices = Choices(frozenset(allowed), frozenset(invocation.lifted), full=full)
        how = deployment.How(choices)
        made = deployment.plan(invocation.project, wanted, host, how, layers=layers, out=out)
    ends.show_plans(made, output, invocation.verbosity)
    if made.problem:
        raise made.problem
    return DIFFERENT if exit_code and made.has_changes else 0
