"""`tapgen adopt`."""

from __future__ import annotations

import click

from tapgen.cli import options
from tapgen.cli.answers import Answers
from tapgen.cli.invocation import Invocation
from tapgen.errors import UsageError


def _pairs(_ctx: click.Context, _param: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """Logical ID -> identifier. Raises `UsageError` for malformed pairs and contradictions."""
    found: dict[str, str] = {}
    for text in given:
        name, _, identifier = text.partition("=")
        if not (name and identifier):
            raise UsageError(
                f"--resource {text} is not a logical ID with an identifier",
                "Write --resource LOGICALID=IDENTIFIER, for example --resource Table=orders.",
            )
        if found.setdefault(name, identifier) != identifier:
            raise UsageError(
                f"--resource names two identifiers for {name}: {found[name]} and {identifier}",
                "Leave out one of them.",
            )
    return found


@click.command(
    cls=options.GuardedCommand,
    epilog="Examples:\n\n\b\n"
    "  tapgen adopt dev --layer data --dry-run     what differs, and what would be done\n"
    "  tapgen adopt dev --layer data               does it, after confirmation\n"
    "  tapgen adopt dev --layer data --resource Orders=orders-2019\n\n"
    "If a stack with the layer's name exists, it is updated to its declaration. Otherwise, "
    "resources that the layer declares by name, or that --resource names, are imported as they "
    "are and then updated.",
)
@options.environment()
@options.one_layer
@click.option(
    "--resource",
    "resources",
    multiple=True,
    metavar="ID=IDENTIFIER",
    callback=_pairs,
    help="Logical ID of a resource and its identifier in AWS; may be repeated.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be done without doing it.")
@options.deployment
@options.operation
@options.recorded
@options.approved
@options.on_aws("text", "json", stream=True)
def command(
    invocation: Invocation,
    name: str,
    layer: str,
    resources: dict[str, str],
    dry_run: bool,
    answers: Answers,
    output: str,
) -> int:
    """Take over stacks and resources created outside tapgen."""
    from tapgen.cli.host import TerminalHost
    from tapgen.cli.terminal import remark
    from tapgen.cli.views.runs import ends
    from tapgen.operations.adoption import adopt
    from tapgen.operations.deployment import How

    told = "text" if dry_run else output
    with TerminalHost(invocation.verbosity, told, yes=answers.yes) as host:
        choices = answers.choices(invocation.lifted, may_ask=host.may_ask)
        how = How(choices, answers.from_profile, host.interrupt)
        adopted = adopt(
            invocation.project, name, layer, host, how, resources=resources, dry_run=dry_run
        )
    if adopted.done:
        return ends.deployed(adopted.done, output, invocation.verbosity, host.times)
    if dry_run:
        ends.show_plans(adopted.made, output, invocation.verbosity)
    elif output == "json":
        ends.show_outcomes({name: adopted.unchanged})
    if adopted.nothing:
        remark(adopted.nothing)
    if adopted.made.problem:
        raise adopted.made.problem
    return 0
