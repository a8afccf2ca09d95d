"""`tapgen iam-policy`."""

from __future__ import annotations

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation


@click.command(
    epilog="Examples:\n\n\b\n"
    "  tapgen iam-policy prod --boundary -f cloudformation > boundary.json\n"
    "  tapgen iam-policy prod --for review -f cloudformation > review.json\n\n"
    "The policies are derived from the settings and the templates, without asking AWS."
)
@options.environment(looks=True)
@click.option(
    "--for",
    "task",
    type=click.Choice(["deploy", "review", "service-role"]),
    default="deploy",
    show_default=True,
    help="Purpose of the policies: to deploy; to plan, compare and verify only; or for the role "
    "in the setting deployment.role_arn.",
)
@click.option(
    "--boundary",
    is_flag=True,
    help="Write the permissions boundary for the environment's roles instead.",
)
@options.output_format("text", "json", "cloudformation")
@options.shared
@click.pass_obj
def command(invocation: Invocation, name: str, task: str, boundary: bool, output: str) -> None:
    """Write the IAM policies that people and roles need."""
    from tapgen.cli.views import permissions
    from tapgen.operations.permissions import policies

    found = policies(invocation.project, name, task, boundary=boundary)
    permissions.show(name, found.policies, output)
    if not boundary:
        permissions.advise(name, task, found.roles, found.underivable)
