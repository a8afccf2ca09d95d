"""Parts of Markdown texts: table rows, and code with any content."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with a heading."""
    return "\n".join([row(*headings), row(*["---"] * len(headings)), *(row(*one) for one in rows)])


def row(*cells: str) -> str:
    """One row of a table; a cell may contain the character that separates cells."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def code(text: str) -> str:
    """Inline code, with more backticks around it than are in it."""
    fence = "`" * (longest_run(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def longest_run(text: str) -> int:
    """The length of the longest run of backticks."""
    return max(map(len, re.findall("`+", text)), default=0)
