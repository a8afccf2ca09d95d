"""The output of `tapgen render`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import click

from tapgen.cli import machine
from tapgen.cli.terminal import echo, remark
from tapgen.cli.views.text import counted

if TYPE_CHECKING:
    from tapgen.render.remembered import Counts
    from tapgen.render.rendering import FileChange

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def show_written(
    counts: Counts,
    changes: Sequence[FileChange],
    out: Path,
    output: str,
    verbosity: int,
) -> None:
    """Print which files were written or removed."""
    if output == "json":
        machine.show({"changes": _records(changes)})
        return
    if verbosity < 0:
        return
    for change in changes:
        echo(f"{'removed' if change.after is None else 'wrote'} {out / change.path}")
    echo(
        f"{counted(counts.templates, 'template')}, "
        f"{counted(counts.environments, 'environment')}, {counted(counts.files, 'file')}: "
        + (f"{len(changes)} changed" if changes else "nothing changed"),
        err=True,
    )


def show_resolved(folder: Path) -> None:
    """Print where the templates with their values are."""
    remark(f"wrote templates with their values to {folder}")


def show_check(
    changes: Sequence[FileChange], out: Path, output: str, *, named: bool = False
) -> None:
    """Print how the folder differs from what would be rendered; `named` by an option."""
    if output == "json":
        machine.show({"changes": _records(changes)})
        return
    from difflib import unified_diff

    for change in changes:
        before = (change.before or "").splitlines()
        after = (change.after or "").splitlines()
        name = str(out / change.path)
        for line in unified_diff(before, after, name, f"{name} (rendered)", lineterm=""):
            echo(click.style(line, fg=_COLOURS.get(line[0])))
    if changes:
        are = "is" if len(changes) == 1 else "are"
        again = f"tapgen render --templates {quote(str(out))}" if named else "tapgen render"
        echo(
            f"{counted(len(changes), 'file')} {are} out of date. "
            f"Run `{again}` and commit the result.",
            err=True,
        )


def _records(changes: Sequence[FileChange]) -> list[dict[str, str]]:
    kinds = {(True, False): "add", (False, True): "remove", (False, False): "change"}
    return [
        {"path": change.path, "kind": kinds[change.before is None, change.after is None]}
        for change in changes
    ]
