"""Answers of the live API as checks."""

from __future__ import annotations

from typing import Any

import pytest

from tapgen.deploy.observe.checks import LIVE, Check
from tapgen.deploy.observe.live.exchange import Heard
from tapgen.deploy.observe.live.web import Answer
from tapgen.payments.live.answers import expect, is_problem, one_of

PROBLEM: dict[str, Any] = {"type": "about:blank", "title": "No", "status": 409}


def problem(content_type: str = "application/problem+json; charset=utf-8", **body: Any) -> Answer:
    return Answer(409, {"content-type": content_type}, {**PROBLEM, **body})


def test_any_of_several_values_is_right_and_all_are_shown() -> None:
    heard = Heard("op", problem(), {})
    assert one_of(heard, "HTTP status", (401, 403), 403) == Check(
        LIVE, "op", "HTTP status", "401 or 403", 403, ok=True
    )
    assert one_of(heard, "HTTP status", (401,), 200) == Check(
        LIVE, "op", "HTTP status", 401, 200, ok=False
    )


def test_status_and_entries_are_expected() -> None:
    answer = Answer(200, {}, {"amount": 1, "currency": "EUR"})
    heard = Heard("GET payment", answer, {})
    found = list(expect(heard, 201, {"amount": 1, "currency": "CHF"}))
    assert [(one.property, one.declared, one.actual, one.ok) for one in found] == [
        ("HTTP status", 201, 200, False),
        ("amount", 1, 1, True),
        ("currency", "CHF", "EUR", False),
    ]


@pytest.mark.parametrize(("seen", "ok"), [("secret-1", True), ("secret-2", False)])
def test_ids_of_sessions_are_compared_but_not_shown(seen: str, ok: bool) -> None:
    answer = Answer(200, {}, {"sessionId": seen})
    _, one = expect(Heard("GET session", answer, {}), 200, {"sessionId": "secret-1"})
    assert (one.property, one.ok) == ("sessionId is the same", ok)
    assert "secret" not in repr(one)


def test_a_problem_document_is_one_in_every_respect() -> None:
    found = list(is_problem(409, 422)(Heard("POST again", problem(), {})))
    assert [one.property for one in found] == [
        "HTTP status",
        "Content-Type",
        "problem.status",
        "problem has type and title",
    ]
    assert all(one.ok for one in found)


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        (problem("application/json"), "Content-Type"),
        (problem(status=500), "problem.status"),
        (problem(title=""), "problem has type and title"),
        (problem(type=None), "problem has type and title"),
    ],
)
def test_what_is_wrong_with_a_problem_document_is_told(answer: Answer, wrong: str) -> None:
    found = is_problem(409)(Heard("POST again", answer, {}))
    assert [one.property for one in found if not one.ok] == [wrong]
