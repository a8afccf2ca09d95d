"""Expected responses of the live API. Tokens and session ids are never shown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final

from tapgen.deploy.observe.checks import LIVE, Check
from tapgen.deploy.observe.live.exchange import Heard

_PROBLEM: Final = "application/problem+json"


def expect(heard: Heard, status: int, document: Mapping[str, Any]) -> Iterator[Check]:
    """The status, and the entries of `document` in the body. Session ids are not shown."""
    answer = heard.answer
    yield heard.check("HTTP status", status, answer.status)
    for name, value in document.items():
        if name == "sessionId":
            yield heard.check("sessionId is the same", True, answer.get(name) == value)
        else:
            yield heard.check(name, value, answer.get(name))


def is_problem(*statuses: int) -> Callable[[Heard], Iterator[Check]]:
    """A problem document (RFC 9457) with one of `statuses`, equal to the response's status."""

    def expected(heard: Heard) -> Iterator[Check]:
        answer = heard.answer
        media_type = answer.headers.get("content-type", "").partition(";")[0]
        described = bool(answer.get("type") and answer.get("title"))
        yield one_of(heard, "HTTP status", statuses, answer.status)
        yield heard.check("Content-Type", _PROBLEM, media_type)
        yield one_of(heard, "problem.status", statuses, answer.get("status"))
        yield heard.check("problem has type and title", True, described)

    return expected


def one_of(heard: Heard, name: str, declared: Collection[Any], actual: Any) -> Check:
    """Any of several values is correct. A single one is shown as it is."""
    shown = " or ".join(map(str, declared)) if len(declared) > 1 else next(iter(declared))
    return Check(LIVE, heard.name, name, shown, actual, actual in declared)
