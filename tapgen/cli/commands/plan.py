"""`tapgen plan`."""

from __future__ import annotations

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation


@click.command(
    epilog="Example:\n\n\b\n"
    "  tapgen plan --env prod --exit-code    in CI: 3 when anything would change"
)
@options.environment
@options.layers
@click.option("--exit-code", is_flag=True, help="Exit 3 when anything would change.")
@options.output_format("text", "json")
@options.aws
@options.shared
@click.pass_obj
def command(
    invocation: Invocation, name: str, layers: tuple[str, ...], exit_code: bool, output: str
) -> int:
    """Show what a deployment would do, by change sets of AWS."""
    from tapgen.cli.deploying import make_plan
    from tapgen.cli.locking import alone
    from tapgen.cli.views import plans
    from tapgen.deploy.deployment import Deployment

    target = invocation.target(name)
    deployment = Deployment(target, target.part(layers))
    with alone(target, "plan"):
        plan = make_plan(deployment, invocation, "text")
        deployment.discard(plan)
    plans.show_plan(plan, output, invocation.verbosity)
    return 3 if exit_code and plan.has_changes else 0
