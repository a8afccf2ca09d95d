"""What `tapgen report` writes: one module for each form."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from tapgen.cli.views.report.page import html
from tapgen.cli.views.report.records import json_text
from tapgen.stacks.files import write_atomically
from tapgen.stacks.report import Report

_FORMS: Final = {"html": html, "json": json_text}
_STDOUT: Final = Path("-")


def show(report: Report, output: str, out: Path, verbosity: int) -> None:
    """Print the report, or write it to a file and say so."""
    text = _FORMS[output](report)
    if out == _STDOUT:
        click.echo(text.encode(), nl=False)  # UTF-8, as the page says of itself
        return
    write_atomically(out, text)
    if verbosity >= 0:
        click.echo(f"wrote {out}", err=True)
