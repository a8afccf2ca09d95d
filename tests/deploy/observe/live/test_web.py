"""HTTP as a client of what is deployed speaks it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tapgen import __version__
from tapgen.deploy.observe.live import web
from tapgen.deploy.observe.live.web import Answer, Api
from tests.deploy.observe.live.web_server import Reply, serving

SITE = "https://pay.example.com"


class Server:
    """Notes what it was sent, and answers always the same."""

    def __init__(self, *answer: Any) -> None:
        self.answer: Reply = answer
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []

    def __call__(self, method: str, path: str, headers: Any, body: bytes) -> Reply:
        self.asked.append((method, path, {**headers}, body))
        return self.answer


def call(server: Server, *request: Any, token: str | None = None, **more: Any) -> Answer:
    """Call the site, which is served elsewhere and wants a header for that."""
    with serving(server) as url:

        def address(called: str) -> tuple[str, dict[str, str]]:
            return called.replace(SITE, url), {"X-Host": "pay"}

        return Api(f"{SITE}/", address, token).call(*request, **more)


def test_what_is_served_here_is_reached_without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert call(Server(200, {}, {"status": "ok"}), "GET", "/health").status == 200
    api = Api("http://pay.invalid", lambda url: (url, {}))
    with pytest.raises(OSError, match="refused"):  # by the proxy's port
        api.call("GET", "/health")


def test_a_body_is_sent_as_json_where_its_address_says() -> None:
    server = Server(201, {"ETag": "1"}, {"id": "p"})
    answer = call(server, "POST", "/transactions?dry", {"amount": 1}, {"Idempotency-Key": "k"})
    ((method, path, headers, body),) = server.asked
    assert (method, path, json.loads(body)) == ("POST", "/transactions?dry", {"amount": 1})
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"] == f"tapgen/{__version__}"
    assert (headers["X-Host"], headers["Idempotency-Key"]) == ("pay", "k")
    assert "Authorization" not in headers
    assert (answer.status, answer.body, answer.headers["etag"]) == (201, {"id": "p"}, "1")
    assert (answer.get("id"), answer.get("more")) == ("p", None)


def test_a_token_goes_with_every_call_and_text_as_it_is() -> None:
    server = Server(200, {}, None)
    call(server, "POST", "", "a=b", token="my-token")
    ((_, path, headers, body),) = server.asked
    assert (path, body, headers["Authorization"]) == ("/", b"a=b", "Bearer my-token")
    call(server, "GET", "/health")
    assert server.asked[-1][3] == b""


@pytest.mark.parametrize("status", [302, 404, 503])
def test_every_status_is_an_answer_and_a_redirect_is_not_followed(status: int) -> None:
    server = Server(status, {"Location": "/elsewhere"}, {"title": "No"})
    answer = call(server, "GET", "/health")
    assert (answer.status, answer.get("title")) == (status, "No")
    assert len(server.asked) == 1


@pytest.mark.parametrize(("sent", "body"), [(b"<html>", "<html>"), (b"[1]", [1]), (b"", "")])
def test_a_body_that_is_no_object_has_no_entries(sent: bytes, body: Any) -> None:
    answer = call(Server(200, {}, sent), "GET", "/")
    assert (answer.body, answer.get("status")) == (body, None)
    assert answer.is_text == isinstance(body, str)


def test_a_json_text_is_no_other_text() -> None:
    answer = call(Server(200, {}, b'"on"'), "GET", "/")
    assert (answer.body, answer.is_text) == ("on", False)


def test_json_that_nobody_can_read_is_text() -> None:
    answer = call(Server(200, {}, b"[" * 100_000), "GET", "/")
    assert (answer.is_text, answer.complete) == (True, True)


def test_of_a_body_without_end_no_more_is_read_than_tells_something() -> None:
    answer = call(Server(200, {}, b"x" * (web._MOST_BYTES + 9)), "GET", "/")
    assert (answer.is_text, answer.complete) == (True, False)
    assert len(answer.body) == web._MOST_BYTES


def test_a_body_that_drips_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "monotonic", iter((0.0, 36.0)).__next__)
    with pytest.raises(TimeoutError, match="did not end within 35 s"):
        call(Server(200, {}, {"status": "ok"}), "GET", "/")


@pytest.mark.parametrize("status", [200, 503])
def test_a_body_that_is_cut_off_is_no_answer(status: int) -> None:
    with pytest.raises(ConnectionError, match="cut off: 3 bytes are missing"):
        call(Server(status, {"Content-Length": "7"}, b"body"), "GET", "/")


def test_a_header_that_comes_several_times_is_kept_each_time() -> None:
    class Several(dict[str, str]):
        def items(self) -> Any:
            return [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Content-Length", "0")]

    answer = call(Server(200, Several(), None), "GET", "/")
    assert answer.headers["set-cookie"] == "a=1\nb=2"


@pytest.mark.parametrize(("bypass", "behind"), [("", True), ("pay.example.com", False)])
def test_calls_that_go_through_a_proxy_are_known(
    monkeypatch: pytest.MonkeyPatch, bypass: str, behind: bool
) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", bypass)
    assert web.behind_proxy(SITE) is behind
    assert not web.behind_proxy("http://127.0.0.1:80")


def test_no_server_is_no_answer() -> None:
    with serving(Server(200, {}, None)) as url:
        pass
    with pytest.raises(OSError, match="refused"):
        Api(url, lambda called: (called, {})).call("GET", "/")
