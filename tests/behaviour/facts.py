"""Where a fact about AWS comes from, and what it costs to ask AWS for it.

Each test of this folder is one fact, and its name says it. The mark beside it says how we know.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

MARK: Final = "fact"
UNLIKE: Final = "unlike_here"


@dataclass(frozen=True)
class Origin:
    """How a fact is known: a day on which a real account showed it, or where it is written."""

    confirmed: date | None = None
    sources: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.confirmed:
            return f"confirmed on AWS: {self.confirmed.isoformat()}"
        return f"from documentation: {', '.join(self.sources)}"


@dataclass(frozen=True)
class Fact:
    """What the mark of a test says. `seconds` and `dollars` are what one run on AWS takes."""

    origin: Origin
    seconds: float
    dollars: float


def documented(*sources: str) -> Origin:
    """Known from pages of AWS, or from what others have recorded of it; not seen by ourselves."""
    return Origin(sources=sources)


def confirmed(day: str) -> Origin:
    """Seen in a real account, as in `confirmed("2026-12-01")`."""
    return Origin(confirmed=date.fromisoformat(day))


def fact(origin: Origin, *, seconds: float = 20, dollars: float = 0) -> pytest.MarkDecorator:
    """Mark a test: how its fact is known, and about how long AWS takes for it, at what price."""
    return getattr(pytest.mark, MARK)(Fact(origin, seconds, dollars))  # type: ignore[no-any-return]


def unlike_here(why: str) -> Callable[[Any], Any]:
    """Mark a test that the local AWS does not pass, and say why; real AWS has to."""
    return getattr(pytest.mark, UNLIKE)(why)  # type: ignore[no-any-return]


def fact_of(item: pytest.Item) -> Fact | None:
    """The fact that a test is about; None where it has no mark, which is not allowed."""
    mark = item.get_closest_marker(MARK)
    return mark.args[0] if mark else None


def sentence(item: pytest.Item) -> str:
    """What a test says about AWS: its name in words, with the case it is about."""
    name, _, case = item.name.removeprefix("test_").partition("[")
    words = name.replace("_", " ")
    return f"{words} ({case.removesuffix(']')})" if case else words


def unlike(item: pytest.Item) -> str:
    """Why the local AWS does not pass a test; empty where it has to."""
    mark = item.get_closest_marker(UNLIKE)
    return str(mark.args[0]) if mark else ""


def record(item: pytest.Item, fact: Fact, report: pytest.TestReport) -> dict[str, object]:
    """What came of a test, for the report of a run.

    `result` is "as told", "differs" where AWS answered otherwise, "not asked" where the test was
    skipped, and "broke off" where it could not be asked to the end or tidied up.
    """
    result = "as told"
    detail = ""
    if report.skipped:
        result = "not asked"
    elif report.failed:
        lines = str(report.longrepr).splitlines()
        told = [line[1:].strip() for line in lines if line.startswith("E ")]
        detail = "; ".join(told[:3])
        asserted = told and told[0].startswith(("assert", "AssertionError", "Failed: DID NOT"))
        result = "differs" if report.when == "call" and asserted else "broke off"
    return {
        "fact": sentence(item),
        "test": item.nodeid,
        "origin": str(fact.origin),
        "result": result,
        "detail": detail,
        "here": unlike(item),
        "seconds": round(report.duration, 1),
    }
