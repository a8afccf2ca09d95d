"""Parts of markdown texts: rows of tables, and code that may hold anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with a heading."""
    return "\n".join([row(*headings), row(*["---"] * len(headings)), *(row(*one) for one in rows)])


def row(*cells: str) -> str:
    """One row of a table; a cell may hold what divides cells."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def code(text: str) -> str:
    """Inline code, with more backticks around it than are in it."""
    fence = "`" * (longest_run(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def longest_run(text: str) -> int:
    """How many backticks stand side by side in it, at most."""
    return max(map(len, re.findall("`+", text)), default=0)
