"""Faults in environment files with their places, reported all together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple

from tapgen.errors import TapgenError

_LONGEST_SHOWN = 60  # characters of a value that a message repeats
_LONGEST_GUESSED = 40  # characters; no setting has a longer name


class Source(NamedTuple):
    """A place in a file: path as the user would write it, line and column counted from 1."""

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{printable(self.path)}:{self.line}:{self.column}"


class Fault(NamedTuple):
    """One thing to correct. `setting` is dotted, "" if the fault is about the whole file."""

    source: Source | None
    setting: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        parts = (str(self.source or ""), shortened(self.setting), self.message)
        text = ": ".join(part for part in parts if part)
        return f"{text}; {self.hint}" if self.hint else text


class Faults(TapgenError):  # noqa: N818 - a collection, and named as one
    """All faults of some files, one per line, in file order; those without a place come first.

    `place` is that of the first fault that has one. Each kind of files has its own `advice`.
    """

    advice: ClassVar[str]

    def __init__(self, faults: Iterable[Fault]) -> None:
        unique = dict.fromkeys(faults)
        self.faults = tuple(sorted(unique, key=lambda fault: fault.source or Source("", 0)))
        self.place = next((fault.source for fault in self.faults if fault.source), None)
        super().__init__("\n".join(map(str, self.faults)), self.advice)


class EnvironmentFaults(Faults):
    """All faults of the environment files."""

    advice = "correct the files and try again; `tapgen env schema` describes every setting"


def shown(text: str) -> str:
    """Return `text` as a message quotes it."""
    return f'"{shortened(text)}"'


def shortened(text: str) -> str:
    """Return `text` in bounded length, safe to print."""
    if len(text) > _LONGEST_SHOWN:
        text = text[: _LONGEST_SHOWN - 3] + "..."
    return printable(text)


def printable(text: str) -> str:
    """Return `text` on one line and without terminal escapes."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )


def guess(word: str, known: Sequence[str]) -> str:
    """Return the one of `known` that `word` probably means, or ""."""
    from difflib import get_close_matches  # only needed once something is wrong

    if len(word) > _LONGEST_GUESSED:  # the comparison is quadratic
        return ""
    return next(iter(get_close_matches(word, known, n=1)), "")
