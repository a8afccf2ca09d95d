"""`tapgen parity`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tapgen.cli import options
from tapgen.cli.boundary import DIFFERENT
from tapgen.cli.invocation import Invocation
from tapgen.cli.terminal import remark
from tapgen.errors import UsageError

_FILE = options.FilePath(dir_okay=False)


@click.command(
    epilog="Examples:\n\n\b\n"
    "  tapgen parity --declared                     as rendered, without AWS\n"
    "  tapgen parity staging prod                   as deployed\n"
    "  tapgen parity --drift                        detecting drift first\n"
    "  tapgen parity --profile 'payments-{env}'     one profile for each environment's account\n"
    "  tapgen parity --declared --format markdown   for a pull request\n"
    "  tapgen parity --live staging prod            how their APIs respond\n"
    "  tapgen parity --live prod --record now.json  to compare later with --against now.json\n\n"
    "Exits 3 if something differs that must be the same, or is not deployed as declared."
)
@options.environments
@click.option("--declared", is_flag=True, help="Compare the rendered files, without asking AWS.")
@click.option(
    "--drift", is_flag=True, help="Detect drift now instead of showing the last detected drift."
)
@click.option(
    "--live",
    is_flag=True,
    help="Send the same requests to each environment, and compare the responses.",
)
@click.option(
    "--write",
    is_flag=True,
    help="With --live: include requests that write test data, marked as such.",
)
@click.option(
    "--samples",
    type=int,
    metavar="N",
    help="With --live: how often each read-only exchange is repeated; 5 by default.",
)
@click.option(
    "--record", type=_FILE, metavar="FILE", help="With --live: record the responses in a file."
)
@click.option(
    "--against",
    type=_FILE,
    metavar="FILE",
    help="With --live: compare one environment with a file written by --record.",
)
@options.on_aws("text", "json", "markdown")
def command(
    invocation: Invocation,
    names: tuple[str, ...],
    declared: bool,
    drift: bool,
    live: bool,
    output: str,
    **talk: Any,
) -> int:
    """Prove that environments are the same, or list what differs."""
    if live:
        _refuse("--live", {"--declared": declared, "--drift": drift})
        return _live(invocation, names, output, **talk)
    _refuse("--live", {f"--{name}": value for name, value in talk.items()}, missing=True)
    from tapgen.cli.views import parity as view
    from tapgen.operations.sameness import parity

    found = parity(invocation.project, names, declared=declared, drift=drift)
    view.show(found, output)
    return 0 if found.holds else DIFFERENT


def _refuse(option: str, given: dict[str, Any], *, missing: bool = False) -> None:
    """Raise `UsageError` if options are given that do not go with `option`."""
    wrong = ", ".join(name for name, value in given.items() if value)
    if wrong:
        if missing:
            raise UsageError(f"{wrong} can only be used with {option}", f"Add {option}.")
        raise UsageError(f"{option} cannot be used with {wrong}", f"Leave out {option} or {wrong}.")


def _live(
    invocation: Invocation,
    names: tuple[str, ...],
    output: str,
    *,
    write: bool,
    samples: int | None,
    record: Path | None,
    against: Path | None,
) -> int:
    from tapgen.cli.views.live import behaviour as view
    from tapgen.operations.sameness import SAMPLES, behaviour

    found = behaviour(
        invocation.project,
        names,
        write=write,
        samples=SAMPLES if samples is None else samples,
        record=record,
        against=against,
    )
    if record:
        remark(f"wrote {record}")
    view.show(found, output, invocation.verbosity)
    return 0 if found.comparison.holds else DIFFERENT
