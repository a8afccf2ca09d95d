"""`tapgen bootstrap`."""

from __future__ import annotations

from typing import Final

import click

from tapgen.cli import options
from tapgen.cli.boundary import DIFFERENT
from tapgen.cli.invocation import Invocation
from tapgen.errors import UsageError

_FILES: Final = ("template", "parameters")


@click.command(
    cls=options.EngineGuardedCommand,
    epilog="Examples:\n\n\b\n"
    "  tapgen bootstrap prod --profile admin      prepares the account, after confirmation\n"
    "  tapgen bootstrap --check                   what accounts lack; exit 3 if anything\n"
    "  tapgen bootstrap -f template > base.json   for CloudFormation StackSets\n"
    "  tapgen bootstrap prod -f parameters        the parameter values for it\n\n"
    "Needs administrator permissions. [tool.tapgen.bootstrap] names the trusted CI and the "
    "approvers.",
)
@options.one_or_more
@click.option("--check", "checks", is_flag=True, help="Only report what is missing or out of date.")
@click.option("--dry-run", "dry", is_flag=True, help="Show the change sets, and delete them again.")
@click.option(
    "--approver",
    "approvers",
    multiple=True,
    metavar="ARN",
    help="Role or user who may approve, instead of the configured ones; may contain {account} and "
    "*; may be repeated.",
)
@click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
@options.full
@options.allowed
@options.on_aws("text", "json", "template", "parameters", stream=True)
def command(
    invocation: Invocation,
    names: tuple[str, ...],
    checks: bool,
    dry: bool,
    approvers: tuple[str, ...],
    yes: bool,
    full: bool,
    allowed: tuple[str, ...],
    output: str,
) -> int:
    """Prepare an account: create roles, a ledger and an approval key."""
    from tapgen.cli.host import TerminalHost
    from tapgen.cli.views.accounts import baseline as view
    from tapgen.cli.views.runs import ends
    from tapgen.deploy.run.step import Choices
    from tapgen.operations import accounts
    from tapgen.operations.deployment import How

    project = invocation.project
    if checks and dry:
        raise UsageError("--check cannot be used with --dry-run", "Leave out one of them.")
    if output in _FILES:
        only = () if output == "template" else options.single(options.required(names, looks=True))
        made = accounts.bootstrap_template(project, only, approvers=approvers)
        (view.show_parameters if only else view.show_template)(made)
        return 0
    if checks:
        found = accounts.check_bootstrap(project, names, approvers=approvers)
        view.show_checked(found, output, project.suffix)
        return 0 if all(one.complete for one in found.values()) else DIFFERENT
    wanted = options.required(names)
    told = "text" if dry else output
    with TerminalHost(invocation.verbosity, told, yes=yes, many=len(wanted) > 1) as host:
        lifted, losses = frozenset(invocation.lifted), frozenset(allowed)
        choices = Choices(losses, lifted, may_ask=host.may_ask, full=full)
        how = How(choices, interrupt=host.interrupt)
        if dry:
            plans = accounts.plan_bootstrap(project, wanted, host, how, approvers=approvers)
        else:
            done = accounts.bootstrap(project, wanted, host, how, approvers=approvers)
    if dry:
        ends.show_plans(plans, output, invocation.verbosity)
        if plans.problem:
            raise plans.problem
        return 0
    code = ends.deployed(done, output, invocation.verbosity, host.times)
    if not code:
        view.advise(accounts.settings_of(project, wanted))
    return code
