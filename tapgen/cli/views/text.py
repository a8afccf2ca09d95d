"""Plain tables, values and durations, for terminals and pipes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TextIO

import click

_WIDTH: Final = 80  # of a terminal that does not report its width
_FURTHER_IN: Final = 4  # columns by which the following lines of a folded line are indented
# Text is folded between these; a command in backquotes is copied as a whole, so it stays whole.
_WORDS: Final = re.compile("( *)((?:`[^`]*`|[^ ])+)")


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


def listed(names: Sequence[str], most: int | None) -> str:
    """The names; of more than `most`, the first ones and the number of the others."""
    if most is None or len(names) <= most + 1:  # "and 1 more" is not shorter than its name
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def spread(found: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """Each value with the environments that have it, the most common first."""
    grouped: dict[str, list[str]] = {}
    for environment, text in found.items():
        grouped.setdefault(text, []).append(environment)
    return sorted(grouped.items(), key=lambda item: -len(item[1]))


def wrapped(text: str, indent: str, stream: TextIO) -> str:
    """A line folded to the width of the terminal, if there is one; following lines are indented."""
    width = columns(stream)
    return text if width is None else "\n".join(_folded(text, max(width, 2 * len(indent)), indent))


def folded(text: str, width: int | None) -> str:
    """Text with lines folded between words at `width` columns; continuation lines are indented.

    `width` is None if there is no terminal. A word that is longer than a line stays whole, and
    so does a line of a shell command (one that ends with a backslash).
    """
    if width is None:
        return text
    return "\n".join(part for line in text.split("\n") for part in _fold(line, width))


def columns(stream: TextIO) -> int | None:
    """The width of the terminal that a stream goes to; None if it goes elsewhere."""
    if not stream.isatty():
        return None
    return os.get_terminal_size(stream.fileno()).columns or _WIDTH


def _fold(line: str, width: int) -> Iterator[str]:
    if line.endswith("\\"):
        yield line
        return
    begin = len(line) - len(line.lstrip(" "))
    yield from _folded(line, width, " " * min(begin + _FURTHER_IN, width // 2))


def _folded(line: str, width: int, indent: str) -> Iterator[str]:
    if _width(line) <= width:
        yield line
        return
    so_far = ""
    for gap, word in _WORDS.findall(line):
        if so_far and _width(so_far + gap + word) > width:
            yield so_far
            so_far = indent + word
        else:
            so_far += gap + word
    yield so_far
