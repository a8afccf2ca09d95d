"""Plain tables, values and durations, for a terminal and for pipes alike."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from typing import Any, Final, TextIO

import click

_WIDTH: Final = 80  # of a terminal that does not say how wide it is


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their longest cell, two spaces apart, headings in bold."""
    widths = [max(map(_width, column)) for column in zip(headings, *rows, strict=True)]
    lines = [click.style(_line(headings, widths), bold=True)]
    lines += [_line(row, widths) for row in rows]
    return "\n".join(lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True)
    )
    return "  ".join(padded).rstrip()


def _width(cell: str) -> int:
    return len(click.unstyle(cell))


def shortened(value: Any, longest: int) -> str:
    """A value on one line, cut to `longest` characters; "-" where there is none."""
    if value is None:
        return "-"
    is_json = isinstance(value, dict | list | bool)
    text = json.dumps(value, default=str, sort_keys=True) if is_json else str(value)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def counted(number: int, noun: str) -> str:
    """1 stack, 2 stacks."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def seconds(duration: float) -> str:
    """A duration for people: 0.4 s, 12 s, 3 min 05 s."""
    if round(duration, 1) < 10:  # noqa: PLR2004 - below ten seconds a decimal says something
        return f"{duration:.1f} s"
    minutes, rest = divmod(round(duration), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def clock(duration: float) -> str:
    """A duration that is still running, as a clock shows it: 0:07, 12:30, 1:02:10."""
    minutes, rest = divmod(int(duration), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def listed(names: Sequence[str], most: int) -> str:
    """The names; of more than `most` the first ones, and how many others there are."""
    if len(names) <= most + 1:  # "and 1 more" is no shorter than its name
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def wrapped(text: str, indent: str, stream: TextIO) -> str:
    """A line as several, as wide as the terminal; where that is none, as it is.

    What follows the first line is indented. What stands between backquotes is a command, which is
    copied as a whole: it is not divided.
    """
    if not stream.isatty():
        return text
    from textwrap import wrap

    width = max(os.get_terminal_size(stream.fileno()).columns or _WIDTH, 2 * len(indent))
    whole = re.sub("`[^`]*`", lambda found: found[0].replace(" ", "\0"), text)
    lines = wrap(
        whole,
        width,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines).replace("\0", " ")
