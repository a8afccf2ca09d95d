"""Real outputs: what other pages show of a command, which tests/test_docs.py runs and compares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.documents import ANYTHING, DOCUMENTS, Step, steps


class Example(NamedTuple):
    """A command with what it prints, and the page that shows it."""

    page: Path
    step: Step

    @property
    def text(self) -> str:
        code = f"  # exit {self.step.code}" if self.step.code else ""
        return "\n".join([f"$ {self.step.command}{code}", *self.step.shown])


def example_of(command: str) -> Example | None:
    """The best example of a command, `env show` for instance; None where no page has one.

    That is one which stands alone, does not fail, and shows something but not too much.
    """
    found = [one for one in _every() if _runs(one.step.command, command) and one.step.shown]
    return min(found, key=lambda one: _cost(one, command), default=None)


@cache
def _every() -> tuple[Example, ...]:
    return tuple(_read())


def _read() -> Iterator[Example]:
    for page in DOCUMENTS:
        for step in steps(page.read_text()):
            yield Example(page, step)


def _runs(line: str, command: str) -> bool:
    return bool(re.search(rf"(?:^|[;&|] *|\w+=\S+ )tapgen {re.escape(command)}(?![\w-])", line))


def _cost(one: Example, command: str) -> tuple[int, ...]:
    lines = len(one.step.shown)
    return (
        one.step.code not in {0, 3},
        not one.step.command.startswith(f"tapgen {command}"),
        re.search(r"[;&|]|--format|--quiet", one.step.command) is not None,
        not 3 <= lines <= 16,  # a sight, not a screen
        one.step.shown.count(ANYTHING),
    )
