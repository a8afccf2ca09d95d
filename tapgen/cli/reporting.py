"""What `tapgen report` shows: the parts of `diff`, `parity --declared` and `lint`, put together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tapgen.cli.diffing import compared
from tapgen.cli.invocation import Invocation
from tapgen.cli.terminal import echo
from tapgen.errors import TapgenError
from tapgen.render.rendering import Rendered
from tapgen.review.diff.report import Comparison
from tapgen.review.lint.findings import Finding
from tapgen.review.parity.comparison import compare
from tapgen.review.parity.matrix import matrix
from tapgen.review.report import NotCompared, Report


def reported(
    invocation: Invocation,
    names: Sequence[str],
    against: str | None,
    folder: Path,
    *,
    lint: bool,
) -> Report:
    """The report on the environments `names`, all when there is none.

    `folder` is where rendered files are committed, `against` as `tapgen diff` takes it. Raises
    `TapgenError` where that cannot be compared with.
    """
    environments = invocation.environments(names)
    rendered = invocation.rendered(environments)
    parity = compare(rendered.stacks)
    return Report(
        environments,
        matrix(environments, rendered, parity),
        parity,
        _findings(invocation, rendered, folder) if lint else None,
        _impact(invocation, names, against, folder),
    )


def _findings(invocation: Invocation, rendered: Rendered, folder: Path) -> tuple[Finding, ...]:
    """As `tapgen lint` has them; what it remembers of single templates serves here too."""
    from tapgen.review.lint.cfn_lint.linter import checker
    from tapgen.review.lint.lint import lint
    from tapgen.review.lint.remembered import Linting
    from tapgen.review.lint.workers import processors

    known = Linting(invocation.store(), invocation.platform, invocation.envs_dir, ()).templates
    with checker(processors()) as cfn_lint:
        return lint(rendered, folder.as_posix(), known, cfn_lint)


def _impact(
    invocation: Invocation, names: Sequence[str], against: str | None, folder: Path
) -> Comparison | NotCompared:
    """Where nobody said what to compare with and there is no history, the rest is still told."""
    try:
        return compared(invocation, names, against, folder)
    except TapgenError as error:
        if against is not None:
            raise
        note = f"note: the report has no impact of a change: {error}\n{error.hint}"
        echo(note.rstrip(), err=True)
        return NotCompared(str(error))
