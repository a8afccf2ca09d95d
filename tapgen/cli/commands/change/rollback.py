"""`tapgen rollback`."""

from __future__ import annotations

from pathlib import Path

import click

from tapgen.cli import options
from tapgen.cli.answers import Answers
from tapgen.cli.invocation import Invocation


@click.command(
    cls=options.GuardedCommand,
    epilog="Examples:\n\n\b\n"
    "  tapgen rollback prod                       to the last release that succeeded before\n"
    "  tapgen rollback prod --to 17 --dry-run     what going back to release 17 would do\n"
    "  tapgen rollback prod --out plan.json       for review, then `tapgen deploy --plan`\n\n"
    "Templates, code and parameters come from the ledger, not from git or local files; `tapgen "
    "history` shows the releases. Data is not rolled back.",
)
@options.environment()
@click.option(
    "--to",
    type=click.IntRange(min=1),
    metavar="N",
    help="Release to return to; by default the last successful one before the current one.",
)
@options.any_layers
@click.option("--dry-run", is_flag=True, help="Show what would be done without doing it.")
@options.plan_file(
    "--out", exists=False, text="Keep the change sets, and write the plan to FILE for review."
)
@options.answered
@options.operation
@options.recorded
@options.approved
@options.on_aws("text", "json", stream=True)
def command(
    invocation: Invocation,
    name: str,
    to: int | None,
    layers: tuple[str, ...],
    dry_run: bool,
    out: Path | None,
    answers: Answers,
    output: str,
) -> int:
    """Return an environment to its state after an earlier release."""
    from tapgen.cli.host import TerminalHost
    from tapgen.cli.views.runs import ends, rollbacks
    from tapgen.operations.deployment import How
    from tapgen.operations.reversal import rollback

    told = "text" if dry_run or out else output
    with TerminalHost(invocation.verbosity, told, yes=answers.yes) as host:
        choices = answers.choices(invocation.lifted, may_ask=host.may_ask)
        how = How(choices, interrupt=host.interrupt)
        back = rollback(
            invocation.project, name, host, how, to=to, layers=layers, dry_run=dry_run, out=out
        )
    if back.done is None:
        ends.show_plans(back.made, output, invocation.verbosity)
        if back.made.problem:
            raise back.made.problem
        return 0
    code = ends.deployed(
        back.done,
        output,
        invocation.verbosity,
        host.times,
        nothing=f"nothing to do, {{stacks}} as release {back.release} left them",
    )
    changed = any(plan.has_changes for plan in back.made.plans.values())
    if output == "text" and back.done.agreed and changed and not code and invocation.verbosity >= 0:
        rollbacks.show_next(back)
    return code
