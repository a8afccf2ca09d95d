"""One exchange: what is asked after what, and what is wrong with how one is declared."""

from __future__ import annotations

from typing import Any

import pytest

from tapgen.deploy.observe.checks import LIVE, Check
from tapgen.deploy.observe.live.exchange import Exchange, Heard, Request
from tapgen.deploy.observe.live.web import Answer

HEALTH = Request("GET", "/health")


def test_what_is_asked_may_depend_on_what_was_heard() -> None:
    assert Exchange("x", HEALTH).asked({}) == HEALTH

    def after(earlier: Any) -> Request | None:
        return Request("GET", f"/{earlier['x'].get('id')}") if "x" in earlier else None

    exchange = Exchange("y", after)
    assert exchange.asked({}) is None
    assert exchange.asked({"x": Answer(200, {}, {"id": 7})}) == Request("GET", "/7")
    assert list(exchange.expect(Heard("y", Answer(200, {}, None), {}))) == []


@pytest.mark.parametrize(("method", "safe"), [("GET", True), ("HEAD", True), ("DELETE", False)])
def test_what_changes_nothing_may_be_sent_again(method: str, safe: bool) -> None:
    assert Request(method, "/").is_safe is safe


def test_a_property_of_an_answer_is_a_check_of_its_exchange() -> None:
    heard = Heard("x", Answer(200, {}, None), {})
    assert heard.check("HTTP status", 200, 200) == Check(
        LIVE, "x", "HTTP status", 200, 200, ok=True
    )
    assert heard.check("HTTP status", 200, 404).ok is False


def test_neither_tokens_nor_headers_are_shown() -> None:
    shown = repr(Request("GET", "/", headers={"Authorization": "Basic s3cret"}, token="t0ken"))
    assert "s3cret" not in shown
    assert "t0ken" not in shown


def test_all_that_is_wrong_is_told() -> None:
    wrong: Any = Exchange
    faults = list(wrong("", "GET /", expect=lambda: ()).faults())
    assert [fault.split()[0] for fault in faults] == ["`name`", "`request`", "`expect`"]
    assert faults[1].endswith("but must be a Request or a function of 1 argument")
    assert faults[2].endswith("but must be a function of 1 argument")
    assert str(Exchange("x", HEALTH)) == "the exchange x"
