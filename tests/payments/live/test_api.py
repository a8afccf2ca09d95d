"""The checks of the live API, against servers that are wrong in one way at a time.

That a right API passes is tested with the real one, in test_verify.py.
"""

from __future__ import annotations

import errno
import json
import threading
import uuid
from collections.abc import Callable
from typing import Any, NoReturn
from urllib.error import URLError

import pytest

from tapgen.deploy.observe.checks import LIVE, Check, unseen
from tapgen.deploy.observe.live.web import Api
from tapgen.payments.live.api import marked, payment
from tests.deploy.observe.live.web_server import Reply, problem, serving
from tests.payments.live.conversing import checks_at, failures


class Platform:
    """A payments API in memory that does what the platform promises."""

    def __init__(self) -> None:
        self.payments: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
        self.sessions: dict[str, dict[str, Any]] = {}
        self.opened: list[str] = []
        self.requests: list[tuple[str, str]] = []

    def reply(self, method: str, path: str, headers: Any, body: bytes) -> Reply:
        self.requests.append((method, path))
        operation = (method, path.split("/")[1])
        if operation == ("GET", "health"):
            return 200, {"Cache-Control": "no-store"}, {"status": "ok"}
        if operation == ("POST", "transactions"):
            return self.pay(headers.get("Idempotency-Key"), body)
        if operation == ("GET", "transactions"):
            return self.find(path.rpartition("/")[2])
        if operation == ("POST", "sessions"):
            session = {"sessionId": uuid.uuid4().hex, **json.loads(body)}
            self.sessions[session["sessionId"]] = session
            self.opened.append(session["sessionId"])
            return 201, {}, session
        if operation == ("GET", "sessions"):
            return self.session(headers.get("X-Session-Id"))
        if operation == ("DELETE", "sessions"):
            gone = self.sessions.pop(headers.get("X-Session-Id"), None)
            return (204, {}, None) if gone else problem(404)
        return problem(404)

    def pay(self, key: str | None, body: bytes) -> Reply:
        try:
            document = json.loads(body)
        except ValueError:
            return problem(400)
        if (
            key is None
            or document["currency"] != "EUR"
            or isinstance(document["amount"], float)
            or "discount" in document
            or document["paymentToken"].isdigit()
        ):
            return problem(400)
        if key in self.payments:
            earlier, answer = self.payments[key]
            replay = {"Idempotency-Replayed": "true"}
            return (201, replay, answer) if earlier == document else problem(422)
        answer = {"transactionId": uuid.uuid4().hex, **document}
        self.payments[key] = (document, answer)
        return 201, {}, answer

    def find(self, name: str) -> Reply:
        for _, answer in self.payments.values():
            if answer["transactionId"] == name:
                return 200, {}, answer
        return problem(404)

    def session(self, name: str | None) -> Reply:
        if name is None:
            return problem(400)
        return (200, {}, self.sessions[name]) if name in self.sessions else problem(404)


def checks(reply: Callable[..., Reply], *, read_only: bool = False) -> list[Check]:
    site = "https://pay.example.com"
    with serving(reply) as url:
        api = Api(f"{site}/", lambda called: (called.replace(site, url), {}))
        return checks_at(api, None, read_only=read_only)


def but(operation: tuple[str, str], reply: Reply) -> Callable[..., Reply]:
    """A platform that answers one operation in its own way."""
    platform = Platform()

    def answer(method: str, path: str, headers: Any, body: bytes) -> Reply:
        usual = platform.reply(method, path, headers, body)
        return reply if (method, path.split("/")[1]) == operation else usual

    return answer


def test_a_platform_that_keeps_its_promises_passes() -> None:
    found = checks(Platform().reply)
    assert not failures(found)
    assert {check.layer for check in found} == {LIVE}
    assert {check.logical_id for check in found} >= {"GET payment", "GET session"}


def test_reading_only_writes_nothing() -> None:
    platform = Platform()
    assert not failures(checks(platform.reply, read_only=True))
    assert {method for method, _ in platform.requests} == {"GET"}


def test_test_data_is_marked_and_the_session_deleted() -> None:
    platform = Platform()
    checks(platform.reply)
    customers = {answer["customerId"] for _, answer in platform.payments.values()}
    assert all(customer.startswith("tapgen-verify-") for customer in customers)
    assert len(platform.payments) == 1
    assert not platform.sessions


def test_no_server_is_one_failure() -> None:
    with serving(Platform().reply) as url:
        pass
    (only,) = checks_at(Api(url, lambda called: (called, {})), None)
    assert only.ok is False
    assert "refused" in only.actual


@pytest.mark.parametrize("wrapped", [True, False])
def test_what_this_machine_lacks_says_nothing_of_the_api(*, wrapped: bool) -> None:
    def lacking(_: str) -> NoReturn:
        error = OSError(errno.EMFILE, "Too many open files")
        raise URLError(error) if wrapped else error

    (only,) = checks_at(Api("https://pay.example.com", lacking), None)
    assert unseen(only)
    assert only.ok is None
    assert "Too many open files" in only.actual


def test_what_is_not_http_is_no_answer() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"SSH-2.0-server\r\n")

        thread = threading.Thread(target=talk)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        (only,) = checks_at(Api(url, lambda called: (called, {})), None)
        thread.join()
    assert "not an HTTP answer" in only.actual


def test_a_redirect_is_not_followed() -> None:
    elsewhere = but(("GET", "health"), (302, {"Location": "/transactions"}, None))
    assert ("GET /health", "HTTP status") in failures(checks(elsewhere))


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"\xff"])
def test_an_answer_that_is_no_object_fails(body: bytes) -> None:
    found = failures(checks(but(("GET", "health"), (200, {}, body))))
    assert ("GET /health", "status") in found
    assert ("GET /health", "Cache-Control") in found


def test_a_refused_payment_ends_its_story() -> None:
    found = checks(but(("POST", "transactions"), problem(403)))
    assert ("POST payment", "HTTP status") in failures(found)
    assert not any(check.logical_id == "GET payment" for check in found)


def test_a_refused_session_ends_its_story() -> None:
    found = checks(but(("POST", "sessions"), problem(503)))
    assert ("POST session", "HTTP status") in failures(found)
    assert not any(check.logical_id == "GET session" for check in found)


def test_every_repetition_being_new_is_found() -> None:
    platform = Platform()

    def forgetful(method: str, path: str, headers: Any, body: bytes) -> Reply:
        answer = platform.reply(method, path, headers, body)
        for key in list(platform.payments):
            platform.payments[f"{key}-"] = platform.payments.pop(key)
        return answer

    found = failures(checks(forgetful))
    assert ("POST payment again", "transactionId") in found
    assert ("POST payment again", "Idempotency-Replayed") in found
    assert ("POST other payment, same key", "HTTP status") in found


def test_accepting_everything_is_found() -> None:
    accepted: Reply = (201, {}, {"transactionId": "1", "paymentToken": "4242424242424242"})
    found = failures(checks(but(("POST", "transactions"), accepted)))
    for what in ("amount with decimals", "unknown currency", "unknown field", "malformed JSON"):
        assert (f"POST payment with {what}", "HTTP status") in found
    assert ("POST payment without Idempotency-Key", "HTTP status") in found
    assert ("POST payment with card number", "repeats the number") in found


def test_errors_that_are_no_problem_documents_are_found() -> None:
    found = failures(checks(but(("GET", "transactions"), (404, {}, {"message": "Not Found"}))))
    operation = "GET unknown transaction"
    assert found >= {
        (operation, "Content-Type"),
        (operation, "problem.status"),
        (operation, "problem has type and title"),
    }


def test_session_ids_are_never_shown() -> None:
    platform = Platform()
    found = checks(platform.reply)
    shown = json.dumps([[check.declared, check.actual, check.property] for check in found])
    assert platform.opened
    assert not any(name in shown for name in platform.opened)
    assert not any(name in path for name in platform.opened for _, path in platform.requests)


def test_marks_hold_no_digits() -> None:
    assert marked().removeprefix("tapgen-verify-").isalpha()
    assert payment("c", amount=1)["amount"] == 1
