"""`tapgen destroy`."""

from __future__ import annotations

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation
from tapgen.cli.terminal import echo


@click.command(
    epilog="Examples:\n\n\b\n"
    "  tapgen destroy --env dev               the stacks; tables, buckets, keys and logs stay\n"
    "  tapgen destroy --env dev --purge-data  what stayed as well, for good\n\n"
    "Deploying again takes over what stayed. A protected environment is refused."
)
@options.environment
@options.layers
@click.option("--purge-data", is_flag=True, help="Delete retained data as well, for good.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@options.on_aws("text", "json")
def command(
    invocation: Invocation,
    name: str,
    layers: tuple[str, ...],
    purge_data: bool,
    yes: bool,
    output: str,
) -> int:
    """Delete the stacks of an environment, keeping its data."""
    from tapgen.cli.boundary import INTERRUPTED
    from tapgen.cli.confirm import confirm
    from tapgen.cli.deploying import exit_code
    from tapgen.cli.interrupting import interruptible
    from tapgen.cli.locking import alone
    from tapgen.cli.views.runs import plans
    from tapgen.cli.views.runs.progress import follow, progress
    from tapgen.deploy.run.destroy import Destruction

    target = invocation.target(name)
    destruction = Destruction(target, target.part(layers), purge_data)
    destruction.check()
    what = f"{', '.join(destruction.layers)} of {name}" + (" AND ALL DATA" if purge_data else "")
    if not confirm(f"Destroy {what}?", yes=yes, type_name=name):
        echo("Nothing was changed.", err=True)
        return 0
    layers_up = reversed(list(destruction.layers))
    with (
        alone(target, "destroy"),
        progress(output, invocation.verbosity, layers_up) as view,
        interruptible(destruction.brake, "destroy"),
    ):
        follow(destruction.run(), view)
    again = target.command("destroy")
    if output == "json":
        plans.show_outcomes_json(destruction.outcomes)
    else:
        plans.show_end(destruction.outcomes, again, invocation.verbosity)
        plans.show_retained(destruction.outcomes, again)
    return INTERRUPTED if destruction.brake.presses else exit_code(destruction.outcomes.values())
