"""Asking before something is changed."""

from __future__ import annotations

import sys

import click

from tapgen.errors import UsageError


def confirm(question: str, *, yes: bool, type_name: str | None = None) -> bool:
    """Whether to go on: `--yes`, or the answer of the person at the terminal.

    With `type_name`, the answer has to be that name. Without a terminal `--yes` is required, so
    that a script cannot hang or go on by accident: raises `UsageError`.
    """
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError(
            "this needs a confirmation, and there is no terminal to ask",
            "Look at the plan above, then repeat the command with --yes.",
        )
    if type_name is None:
        return click.confirm(question, err=True)
    wanted = f"{question} Type {type_name!r} to go on"
    return bool(click.prompt(wanted, default="", show_default=False, err=True) == type_name)
