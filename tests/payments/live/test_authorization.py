"""The checks of who is let in, against servers that let the wrong ones in.

That a right API passes is tested with the real one, in test_verify.py.
"""

from __future__ import annotations

import json
import time
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest

from tapgen.deploy.observe.checks import Check
from tapgen.deploy.observe.live.web import Api
from tapgen.payments.live.authorization import OPERATIONS, authorization
from tapgen.payments.live.callers import Caller
from tests.deploy.observe.live.web_server import Reply, problem, serving
from tests.payments.live.conversing import checks_at, failures

CLIENT, SECRET = "client-1", "open-sesame"
MINUTE = 60


def encoded(part: Any) -> str:
    return urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def decoded(part: str) -> Any:
    return json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))


class Guarded:
    """Token endpoint and API of one; `lenient` says what it does not look at."""

    def __init__(self, *lenient: str, lifetime: int = 15 * MINUTE) -> None:
        self.lenient = lenient
        self.lifetime = lifetime
        self.requests: list[tuple[str, str, bytes]] = []
        self.issued: list[str] = []

    def reply(self, method: str, path: str, headers: Any, body: bytes) -> Reply:
        self.requests.append((method, path, body))
        authorization = headers.get("Authorization") or ""
        if path == "/oauth2/token":
            return self.issue(authorization, body)
        if not path.startswith(tuple(known for _, known in OPERATIONS)):
            return problem(404)
        scheme, _, token = authorization.partition(" ")
        if scheme != "Bearer":
            return problem(404 if "missing" in self.lenient else 401)
        return self.judge(token, OPERATIONS[method, path])

    def issue(self, authorization: str, body: bytes) -> Reply:
        proof = b64decode(authorization.removeprefix("Basic ")).decode()
        if proof != f"{CLIENT}:{SECRET}" and "secret" not in self.lenient:
            return 400, {}, {"error": "invalid_client"}
        (scope,) = parse_qs(body.decode())["scope"]
        now = int(time.time())
        claims = {"scope": scope, "iat": now, "exp": now + self.lifetime}
        token = f"{encoded({'alg': 'RS256'})}.{encoded(claims)}.{encoded(len(self.issued))}"
        self.issued.append(token)
        return 200, {}, {"access_token": token, "expires_in": self.lifetime}

    def judge(self, token: str, scope: str) -> Reply:
        head, claims, _ = token.split(".")
        if token not in self.issued:
            unsigned = decoded(head)["alg"] == "none"
            expired = decoded(claims)["exp"] < time.time()
            kind = "unsigned" if unsigned else "expired" if expired else "altered"
            return problem(404 if kind in self.lenient else 401)
        if scope not in decoded(claims)["scope"].split() and "scope" not in self.lenient:
            return problem(403)
        return problem(404)


def checks(
    reply: Callable[..., Reply], *, read_only: bool = False, secret: str = SECRET
) -> list[Check]:
    with serving(reply) as url:
        api = Api(url, lambda called: (called, {}))
        caller = Caller(f"{url}/oauth2/token", api.address, CLIENT, secret)
        return checks_at(api, caller, read_only=read_only, said=authorization(caller))


def test_an_api_that_lets_nobody_in_wrongly_passes() -> None:
    assert not failures(checks(Guarded().reply))


@pytest.mark.parametrize(
    ("lenient", "operations"),
    [
        (
            "missing",
            {
                "POST /transactions without token",
                "GET /transactions without token",
                "POST /sessions without token",
                "GET /sessions without token",
                "DELETE /sessions without token",
            },
        ),
        (
            "scope",
            {
                "POST /transactions without payments/write",
                "GET /transactions without payments/read",
                "POST /sessions without sessions/manage",
                "GET /sessions without sessions/manage",
                "DELETE /sessions without sessions/manage",
            },
        ),
        ("expired", {"GET transaction with token altered to be expired"}),
        ("altered", {"GET transaction with token altered to last"}),
        ("unsigned", {"GET transaction with unsigned token"}),
        ("secret", {"token with a wrong secret"}),
    ],
)
def test_what_an_api_does_not_look_at_is_found(lenient: str, operations: set[str]) -> None:
    found = failures(checks(Guarded(lenient).reply))
    assert {name for name, _ in found} == operations
    assert {(name, "HTTP status") for name in operations} <= found


def test_tokens_that_last_too_long_are_found() -> None:
    assert ("access token", "lifetime in seconds") in failures(
        checks(Guarded(lifetime=60 * MINUTE).reply)
    )


@pytest.mark.parametrize("token", ["opaque", "a.b", "a.!.c", f"a.{encoded([])}.c"])
def test_a_token_that_is_none_is_found(token: str) -> None:
    def opaque(_method: str, path: str, *_: Any) -> Reply:
        return (200, {}, {"access_token": token}) if path == "/oauth2/token" else problem(401)

    assert ("access token", "is a JSON web token") in failures(checks(opaque))


def test_nothing_is_sent_that_could_be_stored() -> None:
    guarded = Guarded()
    checks(guarded.reply)
    bodies = {body for _, path, body in guarded.requests if path != "/oauth2/token"}
    assert bodies == {b"", b"{}"}


def test_reading_only_tries_what_reads() -> None:
    guarded = Guarded()
    assert not failures(checks(guarded.reply, read_only=True))
    assert {method for method, path, _ in guarded.requests if path != "/oauth2/token"} == {"GET"}


def test_neither_secret_nor_tokens_are_shown() -> None:
    guarded = Guarded()
    shown = repr(checks(guarded.reply))
    assert guarded.issued
    for secret in (SECRET, SECRET[::-1], *guarded.issued):
        assert secret not in shown
    caller = Caller("https://token.example.com", lambda url: (url, {}), CLIENT, SECRET)
    assert SECRET not in repr(caller)
    assert "my-token" not in repr(Api("https://pay.example.com", caller.address, "my-token"))


def test_refused_credentials_are_one_failure_without_the_answer() -> None:
    with serving(Guarded().reply) as url:
        api = Api(url, lambda called: (called, {}))
        caller = Caller(f"{url}/oauth2/token", api.address, CLIENT, "wrong")
        found = checks_at(api, caller)
    failed = [(one.logical_id, one.actual) for one in found if not one.ok]
    none = "no access token, HTTP status 400"
    lacking = [f"access token without {scope}" for scope in sorted({*OPERATIONS.values()})]
    assert failed == [(name, none) for name in (*lacking, "access token")]
    # What needs no token was tried all the same, and nothing else.
    assert {one.logical_id for one in found if one.ok} == {
        *(
            f"{operation} without token"
            for operation in ("POST /transactions", "GET /transactions")
        ),
        *(f"{method} /sessions without token" for method in ("POST", "GET", "DELETE")),
        "token with a wrong secret",
        "GET unknown path",
    }
