"""The output of `tapgen diff`: one module for each format."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Final, cast

from tapgen.cli.terminal import echo
from tapgen.review.diff.report import Comparison

Form = Callable[[Comparison, int], str]
# Format -> module and function; only the requested one is imported.
FORMS: Final = {
    "text": ("text", "text"),
    "json": ("records", "json_text"),
    "markdown": ("markdown", "markdown"),
    "sarif": ("annotations", "sarif_log"),
    "github": ("annotations", "github_commands"),
}


def show(comparison: Comparison, output: str, verbosity: int) -> None:
    """Print the comparison; nothing if the text is empty."""
    module, function = FORMS[output]
    form = cast("Form", getattr(import_module(f"{__name__}.{module}"), function))
    text = form(comparison, verbosity)
    if text:
        echo(text)
