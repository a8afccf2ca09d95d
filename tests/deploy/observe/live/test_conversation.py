"""Holding a conversation: in which order, how often, and what is made of silence."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from typing import Any, NoReturn, cast
from urllib.error import URLError

import pytest

from tapgen.aws.errors import UnavailableError
from tapgen.deploy.observe.checks import LIVE, Check, unseen
from tapgen.deploy.observe.live.conversation import (
    Conversation,
    LiveConversation,
    NoAnswerError,
    checks_of,
    held,
)
from tapgen.deploy.observe.live.exchange import Answers, Exchange, Heard, Request
from tapgen.deploy.observe.live.web import Answer
from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError
from tapgen.review.parity.behaviour import MayDiffer
from tests.deploy.observe.live.web_server import Reply, serving

NOBODY = cast("Target", None)
DONE = Answer(200, {}, {"id": "7"})


def here(url: str) -> tuple[str, dict[str, str]]:
    return url, {}


class Server:
    """Notes what it is asked, and has an id for whoever posts."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, method: str, path: str, headers: Any, _: bytes) -> Reply:
        self.asked.append(f"{method} {path} {headers.get('Authorization', '')}".strip())
        return (201, {}, {"id": "7"}) if method == "POST" else (200, {}, {"status": "ok"})


def stored(earlier: Answers) -> Request | None:
    return Request("GET", f"/{earlier['post'].get('id')}") if "post" in earlier else None


def status(heard: Heard) -> Iterator[Check]:
    yield heard.check("HTTP status", 200, heard.answer.status)


SAID = (
    Exchange("health", Request("GET", "/health", token="t"), status),
    Exchange("post", Request("POST", "/", {}), status, writes=True),
    Exchange("stored", stored, status),
    Exchange("elsewhere", lambda _: DONE, status),
)


def conversation(url: str, *said: Exchange, **more: Any) -> Conversation:
    return Conversation(url, here, said or SAID, **more)


def test_exchanges_are_held_in_their_order_with_what_was_heard_before() -> None:
    server = Server()
    with serving(server) as url:
        each = [*held(conversation(url), writes=True)]
    assert server.asked == ["GET /health Bearer t", "POST /", "GET /7"]
    assert [one.exchange.name for one in each] == ["health", "post", "stored", "elsewhere"]
    assert [one.answers[0].status for one in each] == [200, 201, 200, 200]
    assert list(each[2].earlier) == ["health", "post"]
    assert all(one.answers[0].seconds > 0 for one in each)


def test_what_writes_is_left_out_with_what_takes_from_it() -> None:
    server = Server()
    with serving(server) as url:
        each = [*held(conversation(url), writes=False)]
    assert server.asked == ["GET /health Bearer t"]
    assert [(one.exchange.name, len(one.answers)) for one in each] == [
        ("health", 1),
        ("stored", 0),
        ("elsewhere", 1),
    ]


def test_only_what_changes_nothing_is_repeated() -> None:
    server = Server()
    with serving(server) as url:
        each = [*held(conversation(url), writes=True, times=3)]
    assert server.asked == [*["GET /health Bearer t"] * 3, "POST /", *["GET /7"] * 3]
    assert [len(one.answers) for one in each] == [3, 1, 3, 1]


def test_a_request_may_go_elsewhere() -> None:
    other, server = Server(), Server()
    with serving(other) as token_url, serving(server) as url:
        asked = Exchange("token", Request("POST", "/token", url=token_url))
        (only,) = held(conversation(url, asked), writes=True)
    assert only.answers[0].status == 201
    assert (other.asked, server.asked) == (["POST /token"], [])


def test_answers_are_judged_by_what_their_exchange_expects() -> None:
    ready = Check(LIVE, "function", "State", "Active", "Active", ok=True)
    with serving(Server()) as url:
        found = [*checks_of(conversation(url, ready=lambda: [ready]), read_only=False)]
    assert found[0] == ready
    assert [(one.logical_id, one.ok) for one in found[1:]] == [
        ("health", True),
        ("post", False),
        ("stored", True),
        ("elsewhere", True),
    ]


def test_silence_is_told_once_and_says_where() -> None:
    with serving(Server()) as url:
        pass
    (only,) = checks_of(conversation(url), read_only=True)
    assert (only.logical_id, only.property, only.ok) == ("health", "answers", False)
    assert only.declared == f"an HTTP response of {url}"
    assert "refused" in only.actual
    with pytest.raises(NoAnswerError, match=r"^health: .*refused"):
        list(held(conversation(url), writes=False))


@pytest.mark.parametrize("wrapped", [True, False])
def test_what_this_machine_lacks_says_nothing_of_what_is_deployed(wrapped: bool) -> None:
    def lacking(_: Answers) -> NoReturn:
        error = OSError(errno.EMFILE, "Too many open files")
        raise URLError(error) if wrapped else error

    (only,) = checks_of(conversation("https://x", Exchange("x", lacking)), read_only=True)
    assert unseen(only)
    assert only.ok is None


def test_all_that_is_wrong_with_exchanges_is_told() -> None:
    wrong: Any = "GET /"
    twice = Exchange("x", Request("GET", "/"))
    with pytest.raises(TapgenError) as told:
        conversation("https://x", twice, twice, wrong, Exchange("y", wrong))
    lines = told.value.message.split("\n")
    assert "test_conversation.py:" in lines[0]
    assert ": the exchange y: `request` is 'GET /'" in lines[0]
    assert lines[1:] == ["'GET /' is not an Exchange", "the exchange x occurs twice"]
    assert told.value.hint == "Correct the exchanges of the conversation."


# --- as the live checks of a platform -------------------------------------------------------------


def checks(live: LiveConversation) -> list[Check]:
    return list(live(NOBODY, here, read_only=True))


def test_live_checks_begin_a_conversation_and_judge_it() -> None:
    def begin(_: Target, address: Any) -> Conversation:
        return Conversation("https://x", address, (Exchange("x", lambda _: DONE, status),))

    assert checks(LiveConversation(begin)) == [Check(LIVE, "x", "HTTP status", 200, 200, ok=True)]


@pytest.mark.parametrize(
    ("error", "ok"), [(TapgenError("not deployed"), False), (UnavailableError("no answer"), None)]
)
def test_a_conversation_that_cannot_begin_is_one_check(error: TapgenError, ok: bool | None) -> None:
    def begin(*_: object) -> NoReturn:
        raise error

    (only,) = checks(LiveConversation(begin))
    assert (only.property, only.actual, only.ok) == ("begins", error.message, ok)
    assert unseen(only) is (ok is None)


def test_all_that_is_wrong_with_live_checks_is_told() -> None:
    wrong: Any = LiveConversation
    assert [one.partition(" is ")[0] for one in wrong(None, ["x"]).faults()] == [
        "`begin`",
        "`may_differ`",
    ]

    def begin(*_: object) -> NoReturn:
        raise AssertionError

    assert list(LiveConversation(begin, (MayDiffer("status", ""),)).faults()) == [
        "status of *: `why` is '', but must be a text that is not empty"
    ]
    assert not list(LiveConversation(begin, (MayDiffer("status", "a reason"),)).faults())
    assert str(LiveConversation(begin)) == "the live conversation"
