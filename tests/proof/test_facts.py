"""What is kept of an answer: as told, otherwise, or none."""

from __future__ import annotations

from typing import Literal

import pytest

from tests.behaviour.facts import Fact, confirmed, documented, record, sentence

FACT = Fact(documented("https://example.com/a", "https://example.com/b"), seconds=20, dollars=0)


def told(
    outcome: Literal["passed", "failed", "skipped"], lines: str, when: str
) -> pytest.TestReport:
    return pytest.TestReport("node", ("file", 1, "domain"), {}, outcome, lines, when)  # type: ignore[arg-type] # a literal


@pytest.mark.parametrize(
    ("outcome", "lines", "when", "result"),
    [
        ("passed", "", "call", "as told"),
        ("skipped", "", "call", "not asked"),
        ("failed", "E       AssertionError: assert 1 == 2", "call", "differs"),
        ("failed", "E       assert 1 == 2", "call", "differs"),
        ("failed", "E   Failed: DID NOT RAISE ClientError", "call", "differs"),
        ("failed", "E   botocore.exceptions.ClientError: throttled", "call", "broke off"),
        ("failed", "E       AssertionError: assert ['stack x'] == []", "teardown", "broke off"),
        ("failed", "no such fixture", "setup", "broke off"),
    ],
)
def test_an_answer_that_is_none_is_told_apart_from_another(
    request: pytest.FixtureRequest,
    outcome: Literal["passed", "failed", "skipped"],
    lines: str,
    when: str,
    result: str,
) -> None:
    kept = record(request.node, FACT, told(outcome, lines, when))
    assert kept["result"] == result
    assert kept["detail"] == (lines[1:].strip() if lines.startswith("E") else "")


def test_a_fact_is_told_in_words_with_its_case_and_origin(request: pytest.FixtureRequest) -> None:
    assert sentence(request.node) == "a fact is told in words with its case and origin"
    assert str(confirmed("2026-12-01")) == "confirmed on AWS: 2026-12-01"
    assert str(FACT.origin) == ("from documentation: https://example.com/a, https://example.com/b")
