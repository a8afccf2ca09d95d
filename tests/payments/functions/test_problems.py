from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapgen.payments.functions.problems import (
    FieldFault,
    Kind,
    ProblemError,
    invalid,
    pointer,
    retry_later,
)


def test_a_problem_is_an_rfc_9457_document() -> None:
    problem = invalid("Two fields are wrong.", FieldFault("#/a", "bad"), FieldFault("#/b", "worse"))
    answer = problem.answer("0b3b7d0e-2b5f-4b57-9b8e-0d5cfa3c4f4f")
    response = answer.proxy_response()
    assert response["statusCode"] == 400
    assert response["headers"] == {
        "Cache-Control": "no-store",
        "Content-Type": "application/problem+json",
    }
    assert dict(answer.document or {}) == {
        "type": "tag:example.com,2026:payments/problems/invalid-request",
        "title": "The request is not valid",
        "status": 400,
        "detail": "Two fields are wrong.",
        "instance": "urn:uuid:0b3b7d0e-2b5f-4b57-9b8e-0d5cfa3c4f4f",
        "errors": [{"pointer": "#/a", "detail": "bad"}, {"pointer": "#/b", "detail": "worse"}],
    }


def test_members_keep_their_order() -> None:
    body = ProblemError(Kind.NOT_FOUND, "Nothing.").answer("x").proxy_response()["body"]
    assert body == (
        '{"type":"tag:example.com,2026:payments/problems/not-found",'
        '"title":"Not found","status":404,"detail":"Nothing.","instance":"urn:uuid:x"}'
    )


def test_problem_types_are_distinct() -> None:
    assert len({kind.type for kind in Kind}) == len({kind.title for kind in Kind}) == len(Kind)


def test_a_passing_problem_says_when_to_come_back() -> None:
    assert retry_later(Kind.IN_PROGRESS, "Wait.").answer("x").headers == {"Retry-After": "1"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ((), "#"),
        (("amount",), "#/amount"),
        (("a", 0, "b"), "#/a/0/b"),
        (("a/b", "c~d"), "#/a~1b/c~0d"),
        (("ü b%",), "#/%C3%BC%20b%25"),
    ],
)
def test_pointers_are_uri_fragments(path: tuple[str | int, ...], expected: str) -> None:
    assert pointer(*path) == expected


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=4))
def test_a_pointer_leads_back_to_its_path(path: list[str]) -> None:
    steps = unquote(pointer(*path)[1:]).split("/")[1:]
    assert [step.replace("~1", "/").replace("~0", "~") for step in steps] == path
