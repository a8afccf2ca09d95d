"""Generated parts of documents: between `<!-- generated: name -->` and `<!-- end -->`.

Around them is written by hand. TAPGEN_UPDATE_GOLDEN=1 writes them anew; look at the difference
before committing it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

_PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def check(document: Path, parts: Mapping[str, str]) -> None:
    """Assert that the document has exactly these parts, with these texts."""
    before = document.read_text()
    found = [name for _, name, _ in _PART.findall(before)]
    assert sorted(found) == sorted(parts), "a generated part is missing, or unknown"
    after = _PART.sub(lambda match: f"{match[1]}\n{parts[match[2]]}\n{match[3]}", before)
    if os.environ.get("TAPGEN_UPDATE_GOLDEN"):
        document.write_text(after)
    assert before == after


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
