"""Every error that tapgen expects, each with what to do next.

Raise these anywhere; the only `except` that turns them into text and an exit code is in
`tapgen/cli/boundary.py`.
"""

from __future__ import annotations

from typing import ClassVar


class TapgenError(Exception):
    """An expected failure: what happened (`message`) and what to do next (`hint`)."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(TapgenError):
    """The command line asks for something that does not exist or does not fit together."""

    exit_code = 2


class RefusedError(TapgenError):
    """A guard said no: data loss, a wrong account, a plan that no longer holds."""

    exit_code = 4
