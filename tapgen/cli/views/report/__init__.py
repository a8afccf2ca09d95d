"""The output of `tapgen report`: one module for each format."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tapgen.cli.terminal import document, echo
from tapgen.cli.views.report.page import html
from tapgen.cli.views.report.records import json_text
from tapgen.model.templates.json_text import has_names
from tapgen.render.files import refuse_foreign, write_atomically
from tapgen.review.report import Report

_FORMS: Final = {"html": html, "json": json_text}
_STDOUT: Final = Path("-")
_GENERATOR: Final = '<meta name="generator" content="tapgen report">'


def refuse_foreign_file(out: Path, *, force: bool) -> None:
    """Raise `RefusedError` if `out` is a file that is not an earlier report."""
    if out != _STDOUT:
        refuse_foreign(out, "a report", _is_report, force=force)


def _is_report(text: str) -> bool:
    return _GENERATOR in text or has_names(text, "environments", "impact", "layers")


def show(report: Report, output: str, out: Path, verbosity: int) -> None:
    """Print the report, or write it to a file and print the file's name.

    `refuse_foreign_file` has checked the file before the work began.
    """
    text = _FORMS[output](report)
    if out == _STDOUT:
        document(text)
        return
    write_atomically(out, text)
    if verbosity >= 0:
        echo(f"wrote {out}", err=True)
