"""`tapgen lint`."""

from __future__ import annotations

from pathlib import Path

import click

from tapgen.cli import options
from tapgen.cli.boundary import DIFFERENT
from tapgen.cli.invocation import Invocation
from tapgen.errors import UsageError


@click.command(
    epilog="Examples:\n\n\b\n  tapgen lint                   everything, as text\n"
    "  tapgen lint prod              with prod's values only\n"
    "  tapgen lint --format github   annotations in a pull request\n"
    "  tapgen lint --format sarif    for code scanning\n"
    "  tapgen lint --policy          with security scanners (tapgen[policy])\n"
    "  tapgen lint --explain T024    what a rule requires, and why\n\n"
    "Exits 3 if there are findings of any severity."
)
@options.environments
@click.option("--policy", is_flag=True, help="Also run security scanners on the resolved stacks.")
@click.option(
    "--guard",
    multiple=True,
    type=options.FilePath(exists=True),
    help="With --policy: also check these Guard rules, a file or a folder; may be repeated.",
)
@click.option(
    "--checkov",
    type=options.FilePath(exists=True, dir_okay=False),
    help="With --policy: also read checkov's JSON report.",
)
@click.option(
    "--explain",
    metavar="RULE",
    help="Explain what a rule requires and why, with a template that breaks it and the fix, "
    "instead of checking. RULE is an ID or a name.",
)
@options.output_format("text", "json", "sarif", "junit", "github")
@options.cache
@options.shared
@click.pass_obj
def command(
    invocation: Invocation,
    names: tuple[str, ...],
    policy: bool,
    guard: tuple[Path, ...],
    checkov: Path | None,
    explain: str | None,
    output: str,
) -> int:
    """Check settings, templates and stacks: cfn-lint and tapgen's rules."""
    if explain is not None:
        return _explain(invocation, explain, alone=not (names or policy or output != "text"))
    from tapgen.cli.views.findings import findings
    from tapgen.operations.review import Scanners, lint

    if (guard or checkov) and not policy:
        raise UsageError("--guard and --checkov can only be used with --policy", "Add --policy.")
    scanners = Scanners(guard, checkov) if policy else None
    verdict = lint(invocation.project, names, scanners=scanners)
    findings.show(verdict.findings, output)
    if invocation.verbosity >= 0:
        findings.summarise(verdict)
    return DIFFERENT if verdict.findings else 0


def _explain(invocation: Invocation, rule: str, *, alone: bool) -> int:
    from tapgen.cli.views.findings import explanations
    from tapgen.operations.review import explain

    if not alone:
        raise UsageError(
            "--explain cannot be used with environments, --policy or --format",
            f"Run `tapgen lint --explain {rule}`.",
        )
    explanations.show(explain(invocation.project, rule))
    return 0
