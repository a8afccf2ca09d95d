"""Confirmation before something is changed."""

from __future__ import annotations

import sys

import click

from tapgen.errors import UsageError


def confirm(question: str, *, yes: bool, type_name: str | None = None) -> bool:
    """Whether to continue: `--yes`, or the answer of the person at the terminal.

    With `type_name`, the answer must be that name. Without a terminal, `--yes` is required, so that
    a script cannot hang or continue by accident: raises `UsageError`.
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError(
            "this needs confirmation, but there is no terminal to ask on",
            "Check the plan above, then run the command again with --yes.",
        )
    if type_name is None:
        return click.confirm(question, err=True)
    wanted = f"{question} Type {type_name!r} to continue"
    return bool(click.prompt(wanted, default="", show_default=False, err=True) == type_name)
