"""What `tapgen report` writes: one module for each form."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tapgen.cli.terminal import document, echo
from tapgen.cli.views.report.page import html
from tapgen.cli.views.report.records import json_text
from tapgen.render.files import write_atomically
from tapgen.review.report import Report

_FORMS: Final = {"html": html, "json": json_text}
_STDOUT: Final = Path("-")


def show(report: Report, output: str, out: Path, verbosity: int) -> None:
    """Print the report, or write it to a file and say so."""
    text = _FORMS[output](report)
    if out == _STDOUT:
        document(text)
        return
    write_atomically(out, text)
    if verbosity >= 0:
        echo(f"wrote {out}", err=True)
