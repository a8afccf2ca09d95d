"""What of an answer counts as behaviour, and what is its own."""

from __future__ import annotations

from typing import Any

import pytest

from tapgen.review.parity.traits import IGNORED, cache_of, of_body, of_headers, of_text, statuses

JSON = {"content-type": "application/json; charset=utf-8"}
PROBLEM = {"content-type": "application/problem+json"}


def header(name: str, value: str, host: str = "") -> Any:
    return dict(of_headers({name: value}, host)).get(f"header {name}")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("cache-control", "max-age=60", "max-age=60"),
        ("via", "1.1 0ab1.cloudfront.net (CloudFront)", "1.1 (CloudFront)"),
        ("via", "1.1 squid, 2 x.example.com (Edge)\n1.0 y", "1.1, 2 (Edge), 1.0"),
        ("location", "/transactions/8059a9dc-6e50-4b27-a858-000000000000", "/transactions/{id}"),
        ("location", "https://a.example.com/v1/login?token=x", "https://a.example.com/v1/login"),
        (
            "set-cookie",
            "b=2; Secure; Path=/; Expires=Mon, 30 Nov\na=1",
            "a, b; Path=/; Secure",
        ),
        ("vary", "Origin\nAccept", "Origin, Accept"),
        ("idempotency-replayed", "true", "true"),
        ("x-session", "a8f5f167f44f4964e6c998dee827110c", "(a value)"),
        ("x-quota", "17", "(a value)"),
    ],
)
def test_headers_are_told_without_what_is_another_each_time(
    name: str, value: str, told: str
) -> None:
    assert header(name, value) == told


@pytest.mark.parametrize("name", IGNORED)
def test_headers_of_one_answer_are_not_told(name: str) -> None:
    assert header(name, "x") is None


def test_the_environments_own_host_is_the_same_everywhere() -> None:
    told = header("access-control-allow-origin", "https://dev.example.com", "dev.example.com")
    assert told == "https://{host}"
    assert header("location", "https://dev.example.com/x", "dev.example.com") == "https://{host}/x"


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({}, "not told"),
        ({"x-cache": "Miss from cloudfront"}, "miss"),
        ({"x-cache": "Error from cloudfront"}, "miss"),
        ({"x-cache": "RefreshHit from cloudfront"}, "hit"),
        ({"age": "12"}, "hit"),
        ({"age": "0", "x-cache": "Miss from cloudfront"}, "miss"),
    ],
)
def test_a_cache_shows_by_what_it_says_of_itself(headers: dict[str, str], told: str) -> None:
    assert cache_of(headers) == told


@pytest.mark.parametrize(
    ("body", "headers", "told"),
    [
        ("abc", JSON, {"body": "string"}),
        ([], JSON, {"body": "array"}),
        (
            {"a/b": True, "*": 1.5, "~": None},
            JSON,
            {"body": "object", "body/a~1b": "boolean", "body/~2": "number", "body/~0": "null"},
        ),
        (
            {"status": 404},
            PROBLEM,
            {"body": "object", "body/status": "integer", "problem type": "about:blank"},
        ),
        (
            {"type": "tag:x"},
            PROBLEM,
            {"body": "object", "body/type": "string", "problem type": "tag:x"},
        ),
        ({"type": "tag:x"}, JSON, {"body": "object", "body/type": "string"}),
        (
            [{"type": "tag:x"}],
            PROBLEM,
            {"body": "array", "body/*": "object", "body/*/type": "string"},
        ),
    ],
)
def test_a_body_is_told_by_its_shape(body: Any, headers: dict[str, str], told: Any) -> None:
    assert dict(of_body(body, headers)) == told


@pytest.mark.parametrize(
    ("text", "headers", "told"),
    [
        ("", JSON, "empty"),
        ("", {}, "empty"),
        ("<html>", {"content-type": "text/html"}, "text"),
        ("<html>", JSON, "text, and no JSON"),
    ],
)
def test_a_body_that_is_no_json_is_told_by_that(
    text: str, headers: dict[str, str], told: str
) -> None:
    assert of_text(text, headers, complete=True) == told
    assert of_text(text, headers, complete=False) == "text, very long"


def test_a_body_that_is_deep_is_told_as_far_as_somebody_would_read() -> None:
    body: Any = "end"
    for _ in range(400):
        body = [body]
    told = dict(of_body(body, JSON))
    assert len(told) == 25
    assert set(told.values()) == {"array"}


def test_statuses_of_one_question_are_told_together() -> None:
    assert statuses([200, 503, 200]) == "200 or 503"
    assert statuses([404]) == "404"
