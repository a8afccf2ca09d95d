"""Answers of the live API as checks. Tokens and ids of sessions are never shown."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from tapgen.deploy.observe.checks import LIVE, Check
from tapgen.payments.live.web import Answer

_PROBLEM: Final = "application/problem+json"


def expect(
    operation: str, answer: Answer, status: int, document: Mapping[str, Any]
) -> Iterator[Check]:
    """The status, and the entries of `document` in the body. Ids of sessions are not shown."""
    yield check(operation, "HTTP status", status, answer.status)
    for name, value in document.items():
        if name == "sessionId":
            yield check(operation, "sessionId is the same", True, answer.get(name) == value)
        else:
            yield check(operation, name, value, answer.get(name))


def expect_problem(operation: str, answer: Answer, *statuses: int) -> Iterator[Check]:
    """A problem document (RFC 9457) with one of `statuses`, which agrees with the response's."""
    media_type = answer.headers.get("content-type", "").partition(";")[0]
    described = bool(answer.get("type") and answer.get("title"))
    yield one_of(operation, "HTTP status", statuses, answer.status)
    yield check(operation, "Content-Type", _PROBLEM, media_type)
    yield one_of(operation, "problem.status", statuses, answer.get("status"))
    yield check(operation, "problem has type and title", True, described)


def check(operation: str, name: str, declared: Any, actual: Any) -> Check:
    return Check(LIVE, operation, name, declared, actual, declared == actual)


def one_of(operation: str, name: str, declared: Collection[Any], actual: Any) -> Check:
    """Any of several values is right; a single one is shown as it is."""
    shown = " or ".join(map(str, declared)) if len(declared) > 1 else next(iter(declared))
    return Check(LIVE, operation, name, shown, actual, actual in declared)
