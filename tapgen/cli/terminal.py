"""All output to the terminal, without control characters in foreign text.

Status reasons, resource names, paths in a branch and values in old revisions are written by others.
An escape sequence in them could hide lines, retitle the window or show a false answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click

from tapgen.cli.invocation import Invocation
from tapgen.errors import TapgenError
from tapgen.model.parts.running import aside

# What click.style writes stays: reset, bold, dim, underlined, colours. Concealed text (8) does not.
_STYLE: Final = r"\x1b\[(?:[0124]|[39][0-7])m"
# All other controls but tab and line feed: C0, DEL, C1, and those of writing direction.
_CONTROL: Final = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]"
_SUSPECT: Final = f"({_STYLE})|{_CONTROL}"  # compiled when something is printed: it takes a while


def echo(text: str = "", *, err: bool = False, nl: bool = True, color: bool | None = None) -> None:
    """Print data to stdout, messages to stderr (`err`), those as `completed` returns them.

    Colours are left out if the stream is not a terminal, unless `color` is given. Raises
    `BrokenPipeError` if data has no reader any more, and `KeyboardInterrupt` if messages have none
    (`2>&1 | head`), since the work must not count as done then. Raises `TapgenError` if it cannot
    be written, for example to a full disk.
    """
    shown = completed(text) if err else text
    with _written("stderr" if err else "stdout"):
        try:
            click.echo(safe(shown), None if err else aside.stdout, nl=nl, err=err, color=color)
        except BrokenPipeError:
            if err:
                raise KeyboardInterrupt from None
            raise


def remark(text: str, *, err: bool = True) -> None:
    """Print a remark in addition to the result; `--quiet` omits it in every command.

    Failures are therefore printed by `echo`. Raises as that does.
    """
    if verbosity() >= 0:
        echo(text, err=err)


def verbosity() -> int:
    """How much the current command prints: -1 with `--quiet`, 1 with `--verbose`, otherwise 0."""
    invocation = _invocation()
    return invocation.verbosity if invocation else 0


def completed(text: str) -> str:
    """The text, in which suggested commands reach the files of the current command."""
    invocation = _invocation()
    return invocation.complete(text) if invocation else text


def _invocation() -> Invocation | None:
    context = click.get_current_context(silent=True)
    return context.find_object(Invocation) if context else None


def document(text: str) -> None:
    """Print a whole document to stdout as UTF-8, whatever encoding the terminal has.

    Raises as `echo` does.
    """
    with _written("stdout"):
        click.echo(safe(text).encode(), aside.stdout, nl=False)


@contextmanager
def _written(stream: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise TapgenError(
            f"cannot write to {stream}: {error.strerror}",
            "The output is lost. Free some space there or redirect it elsewhere, then run the "
            "command again.",
        ) from error


def safe(text: str) -> str:
    r"""The text with every control character spelled out (`\x1b`), except colours."""
    return re.sub(_SUSPECT, lambda found: found[1] or _spelled(found[0]), text)


def _spelled(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")
