"""What `tapgen report` shows: the parts of `diff`, `parity --declared` and `lint`, put together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tapgen.cli.diffing import compared
from tapgen.cli.invocation import Invocation
from tapgen.cli.terminal import echo
from tapgen.errors import TapgenError
from tapgen.layers.registry import LAYERS
from tapgen.stacks.diff.report import Comparison
from tapgen.stacks.matrix import matrix
from tapgen.stacks.parity import compare
from tapgen.stacks.report import NotCompared, Report


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
    findings = None
    if lint:
        from tapgen.stacks.lint import lint as find

        findings = find(rendered, folder.as_posix())
    return Report(
        environments,
        matrix(environments, LAYERS, rendered, parity),
        parity,
        findings,
        _impact(invocation, names, against, folder),
    )


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
