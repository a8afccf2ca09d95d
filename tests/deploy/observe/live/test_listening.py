"""What an environment is heard to say: told as traits, or why nothing was heard."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tapgen.deploy.observe.checks import LIVE, Check
from tapgen.deploy.observe.live.conversation import Conversation, LiveConversation
from tapgen.deploy.observe.live.exchange import Exchange, Request
from tapgen.deploy.observe.live.listening import conversation_of, listen
from tapgen.deploy.observe.live.web import Answer
from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.platform import Platform
from tapgen.review.parity.behaviour import CONNECTION, Behaviour
from tests.deploy.observe.live.web_server import Reply, problem, serving
from tests.lab import Lab

SITE = "https://pay.example.com"
ITEMS = Exchange("GET items", Request("GET", "/items"))


@pytest.fixture
def target(lab: Lab) -> Target:
    return lab.target(lab.stack("data", {"Note": lab.note()}))


def heard(
    target: Target,
    reply: Callable[..., Reply],
    *said: Exchange,
    samples: int = 2,
    writes: bool = False,
    **more: Any,
) -> Behaviour:
    """What is heard of a site that is served by this machine."""
    live = LiveConversation(lambda _, address: Conversation(SITE, address, said, **more))
    with serving(reply) as url:

        def address(called: str) -> tuple[str, dict[str, str]]:
            return called.replace(SITE, url), {}

        return listen(live, target, address, writes=writes, samples=samples)


def answering(status: int, headers: dict[str, str], body: Any) -> Callable[..., Reply]:
    return lambda *_: (status, headers, body)


def test_an_answer_is_told_by_its_traits(target: Target) -> None:
    headers = {
        "Content-Type": "application/json",
        "Link": "<a>",
        "Access-Control-Allow-Origin": SITE,
        "Server-Timing": "a;dur=1",
    }
    found = heard(target, answering(200, headers, {"items": [{"id": 1}]}), ITEMS, samples=3)
    traits = dict(found.exchanges["GET items"] or {})
    assert traits.pop("header server").startswith("BaseHTTP/")
    assert traits == {
        "status": "200",
        "header content-type": "application/json",
        "header link": "(a value)",
        "header access-control-allow-origin": "https://{host}",
        "body": "object",
        "body/items": "array",
        "body/items/*": "object",
        "body/items/*/id": "integer",
        "cache": "not told",
    }
    assert found.exchanges[CONNECTION] == {"protocol": "http"}
    assert found.latency["GET items"].samples == 3


def test_a_problem_is_told_by_its_type(target: Target) -> None:
    traits = heard(target, answering(*problem(404)), ITEMS).exchanges["GET items"] or {}
    assert (traits["status"], traits["problem type"]) == ("404", "about:blank")


def test_a_cache_shows_when_the_same_is_asked_again(target: Target) -> None:
    times = itertools.count()

    def cached(*_: object) -> Reply:
        return 200, {"X-Cache": "Hit from x" if next(times) else "Miss from x"}, None

    assert (heard(target, cached, ITEMS).exchanges["GET items"] or {})["cache"] == "hit"


def test_an_environment_that_answers_one_way_and_then_another_is_told_with_both(
    target: Target,
) -> None:
    times = itertools.count()
    traits = heard(
        target, lambda *_: (503 if next(times) == 1 else 200, {}, None), ITEMS
    ).exchanges["GET items"]
    assert traits is not None
    assert traits["status"] == "200 or 503"


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ((200, {"Content-Type": "application/json"}, b"<html>"), "text, and no JSON"),
        ((200, {}, b"x" * (2 << 20)), "text, very long"),
    ],
)
def test_a_body_that_is_no_json_is_told_as_text(target: Target, reply: Reply, told: str) -> None:
    traits = heard(target, answering(*reply), ITEMS).exchanges["GET items"]
    assert traits is not None
    assert {name: one for name, one in traits.items() if name.startswith("body")} == {"body": told}


def test_what_writes_is_asked_once_and_only_where_that_is_wanted(target: Target) -> None:
    post = Exchange("POST x", Request("POST", "/"), writes=True)
    after = Exchange("GET x", lambda earlier: Request("GET", "/") if "POST x" in earlier else None)
    reply = answering(200, {}, {"id": 1})
    only = heard(target, reply, post, after)
    assert only.exchanges.keys() == {CONNECTION, "GET x"}
    assert only.exchanges["GET x"] is None
    assert only.latency == {}
    both = heard(target, reply, post, after, writes=True)
    assert "cache" not in (both.exchanges["POST x"] or {"cache": ""})
    assert {name: one.samples for name, one in both.latency.items()} == {"POST x": 1, "GET x": 2}


def test_an_exchange_that_is_no_http_is_told_as_well(target: Target) -> None:
    job = Exchange("job", lambda _: Answer(200, {}, {"words": 3}), writes=True)
    traits = heard(target, answering(200, {}, None), job, writes=True).exchanges["job"]
    assert traits == {"status": "200", "body": "object", "body/words": "integer"}


def test_silence_is_an_error_that_says_where_to_look(target: Target) -> None:
    live = LiveConversation(lambda _, address: Conversation(SITE, address, (ITEMS,)))
    with pytest.raises(TapgenError, match=r"does not answer \(GET items\): .*refused") as told:
        listen(live, target, lambda _: ("http://127.0.0.1:9", {}), writes=False, samples=2)
    assert told.value.hint == (
        "`tapgen status --env lab --local` shows whether it is deployed, `tapgen verify --env lab "
        "--local` what is wrong with it."
    )
    with pytest.raises(TapgenError, match=r"does not answer \(connection\): .*refused"):
        listen(live, target, lambda _: ("https://127.0.0.1:9", {}), writes=False, samples=2)


@pytest.mark.parametrize("ok", [True, None, False])
def test_what_is_not_ready_is_not_compared(target: Target, ok: bool | None) -> None:
    check = Check(LIVE, "function", "State", "Active", "Inactive", ok)

    def found() -> Behaviour:
        return heard(target, answering(200, {}, None), ITEMS, ready=lambda: [check])

    if ok is not False:
        assert found().exchanges["GET items"]
        return
    with pytest.raises(TapgenError, match="function: State is Inactive, not Active"):
        found()


def test_what_nobody_expected_is_a_bug_of_the_platform(target: Target) -> None:
    def broken(_: object) -> None:
        raise KeyError("id")

    with pytest.raises(KeyError) as told:
        heard(target, answering(200, {}, None), Exchange("x", broken))
    assert told.value.__notes__ == [f"the live conversation of the platform {target.platform.name}"]


def test_credentials_of_another_account_are_refused(lab: Lab) -> None:
    stack = replace(lab.stack("data", {"Note": lab.note()}), account_id="123")
    with pytest.raises(RefusedError):
        heard(lab.target(stack), answering(200, {}, None), ITEMS)


def talk(*_: object, **__: object) -> list[Check]:
    return []


TALK = LiveConversation(lambda _, address: Conversation(SITE, address, ()))


@pytest.mark.parametrize(
    ("name", "why"), [("talk", "are not a LiveConversation"), ("", "are missing")]
)
def test_live_checks_that_are_no_conversation_cannot_be_compared(name: str, why: str) -> None:
    platform = Platform(name="p", layers=(), live_checks=f"{__name__}:{name}" if name else "")
    with pytest.raises(TapgenError, match=f"the live checks of the platform p {why}"):
        conversation_of(platform)
    assert conversation_of(replace(platform, live_checks=f"{__name__}:TALK")) is TALK
