"""What a document shows and names, and whether a real output is what it shows.

A `console` block holds commands after `$ ` and below each what it prints: line by line, in that
order. `...` on a line of its own stands for any lines, or for none. Only what no reader could
repeat may differ; it is listed in `VARYING`. A block that begins with `# file: path` is a file that
the reader has written before.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Final, NamedTuple

from tests.paths import ROOT

DOCUMENTS: Final = (
    *(ROOT / "README.md", ROOT / "CONTRIBUTING.md"),
    *sorted((ROOT / "docs").glob("*.md")),
)
ANYTHING: Final = "..."
# Before the first `...` and behind the last one an output is shown whole.
BEGIN: Final = "<begin>"
END: Final = "<end>"

# What it is -> how it looks. Everything else has to be as it is shown, each number too.
VARYING: Final = {
    # when AWS ended an operation, by its clock
    "time": r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b",
    # how long something took; of several, the longest
    "duration": r"(?:up to )?\b(?:\d+ min \d\d|\d+(?:\.\d)?) s\b",
    # 4566 where that is free, any free port elsewhere
    "port": r"(?<=http://127\.0\.0\.1:)\d+\b",
    # the system numbers processes
    "process": r"(?<=\(process )\d+\b",
    # a commit's hash holds the time at which it was made
    "commit": r"\b[0-9a-f]{10}(?= \(merge base)",
    # KMS draws the ids of keys at random; it comes before what looks like a part of it
    "key": r"(?<=:key/)[0-9a-f-]{36}\b",
    # templates and code are hashed, and anybody may change them; an account's number has no letters
    # and twelve equal digits here
    "hash": r"\b(?!(\d)\1{11}\b)[0-9a-f]{12}\b",
    # AWS draws the ids of what it makes at random
    "gateway": r"\bigw-[0-9a-f]{17}\b",
    "zone": r"\bZ[0-9A-Z]{13,31}\b",
}

_FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_INDENTED: Final = re.compile(r"(?<=\n\n)(?: {4}\S.*\n)+(?: {6}.*\n)*")
_SPAN: Final = re.compile(r"`([^`]+)`")
_FILE: Final = re.compile(r"# file: (\S+)\n")
_EXIT: Final = re.compile(r"\s+# exit (\d+)$")


class Step(NamedTuple):
    """A command of a document, the exit code that it has to end with, and the lines below it."""

    command: str
    code: int
    shown: list[str]


def steps(text: str) -> list[Step]:
    """The commands of a document in their order; `# exit 3` behind one is its exit code."""
    found: list[Step] = []
    for line in "".join(blocks(text, "console")).splitlines():
        if line.startswith("$ "):
            code = _EXIT.search(line)
            found.append(Step(_EXIT.sub("", line[2:]), int(code[1]) if code else 0, []))
        else:
            found[-1].shown.append(line)
    return found


def files(text: str) -> dict[str, str]:
    """Path -> content of the files that a document shows."""
    named = ((_FILE.match(block), block) for _, block in _FENCE.findall(text))
    return {found[1]: block for found, block in named if found}


def blocks(text: str, language: str = "") -> list[str]:
    """The fenced blocks of a language; those without one, and indented ones, by default."""
    found = [block for label, block in _FENCE.findall(text) if label == language]
    return found if language else [*found, *_INDENTED.findall(_FENCE.sub("\n", text))]


def prose(text: str) -> str:
    """The text without its blocks."""
    return _INDENTED.sub("", _FENCE.sub("\n", text))


def table(text: str, *headings: str) -> list[list[str]]:
    """The cells of the table whose first columns have these headings, row by row."""
    _, found, rest = text.partition(f"\n| {' | '.join(headings)} |")
    assert found, f"there is no table of {headings}"
    lines = itertools.takewhile(lambda line: line.startswith("|"), rest.splitlines()[2:])
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def spans(text: str) -> list[str]:
    """What stands between backquotes in the prose, each on one line."""
    return [" ".join(span.split()) for span in _SPAN.findall(prose(text))]


def normal(line: str) -> str:
    """A line without what varies: columns get one blank between them, ids become `<hash 1>`.

    Within the line the same id stays the same: the hashes of two environments that are shown as
    equal have to be equal.
    """
    for name, pattern in VARYING.items():
        line = re.sub(pattern, _numbering(name), line)
    return " ".join(line.split())


def _numbering(name: str) -> Callable[[re.Match[str]], str]:
    seen: dict[str, str] = {}
    return lambda match: seen.setdefault(match[0], f"<{name} {len(seen) + 1}>")


def difference(shown: list[str], printed: str) -> str | None:
    """What is shown and was not printed there; None where all was, with nothing else in between.

    Empty lines count on neither side.
    """
    real = [BEGIN, *filter(None, map(normal, printed.splitlines())), END]
    parts: list[list[str]] = [[]]
    for line in (BEGIN, *shown, END):
        if line.strip() == ANYTHING:
            parts.append([])
        elif line.strip():
            parts[-1].append(line)
    at = 0
    for part in parts:
        wanted = [normal(line) for line in part]
        length = len(wanted)
        starts = (i for i in range(at, len(real)) if real[i : i + length] == wanted)
        start = next(starts, None)
        if start is None:
            return _complaint(part, wanted, real[at:])
        at = start + length
    return None


def _complaint(part: list[str], wanted: list[str], rest: list[str]) -> str:
    for line, normalised in zip(part, wanted, strict=True):
        if normalised not in rest:
            return f"not printed here: {line}"
    return "\n".join(["printed, but not as neighbours and in this order:", *part])
