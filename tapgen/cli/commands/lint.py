"""`tapgen lint`."""

from __future__ import annotations

import click

from tapgen.cli import options
from tapgen.cli.invocation import Invocation


@click.command(
    epilog="Examples:\n\n\b\n  tapgen lint                   everything, for people\n"
    "  tapgen lint --env prod        with prod's values only\n"
    "  tapgen lint --format github   annotations in a pull request\n"
    "  tapgen lint --format sarif    for code scanning\n\n"
    "Exits 3 when there are findings, of whatever severity."
)
@options.environments
@options.output_format("text", "json", "sarif", "junit", "github")
@options.shared
@click.pass_obj
def command(invocation: Invocation, names: tuple[str, ...], output: str) -> int:
    """Check settings, templates and stacks with cfn-lint and own rules."""
    from tapgen.cli.views import findings
    from tapgen.stacks.lint import lint
    from tapgen.stacks.settings_lint import lint_settings

    environments, faults = lint_settings(invocation.envs_dir, names)
    rendered = invocation.rendered(environments)
    found = (*faults, *lint(rendered))
    findings.show(found, output)
    if invocation.verbosity >= 0:
        findings.summarise(found, len(rendered.templates), list(rendered.stacks))
    return 3 if found else 0
