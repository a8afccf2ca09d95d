"""Authorization of the live API: calls without a token and with invalid tokens are refused.

This can be proven from outside: each operation refuses a caller without a token, with a token that
lacks only its scope, and with an altered token, for instance an expired or an unsigned one. Getting
a genuine expired token would take fifteen minutes. Its short lifetime is checked instead, and the
tests of the local AWS let one expire.
"""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from tapgen.deploy.observe.checks import Check
from tapgen.deploy.observe.live.exchange import Answers, Exchange, Heard, Request
from tapgen.payments.live.answers import is_problem, one_of
from tapgen.payments.live.callers import Caller, issued

_NO_SUCH: Final = "00000000-0000-4000-8000-000000000000"
# Operations and the scopes they need. Nothing here would be stored: bodies are empty, ids unknown
# or missing.
OPERATIONS: Final = {
    ("POST", "/transactions"): "payments/write",
    ("GET", f"/transactions/{_NO_SUCH}"): "payments/read",
    ("POST", "/sessions"): "sessions/manage",
    ("GET", "/sessions"): "sessions/manage",
    ("DELETE", "/sessions"): "sessions/manage",
}
SCOPES: Final = frozenset(OPERATIONS.values())
_READING: Final = frozenset(scope for (method, _), scope in OPERATIONS.items() if method == "GET")
ALL_SCOPES: Final = "access token"

_LIFETIME_SECONDS: Final = 900


def authorization(caller: Caller) -> Iterator[Exchange]:
    """The tokens that the conversation needs, and every operation without the right token.

    An API that accepts a wrong token may store data, so every request that does not read is a
    write.
    """
    yield from _without_token()
    yield from _without_scope(caller)
    yield Exchange(ALL_SCOPES, caller.request(SCOPES), _short_lived)
    yield from _altered()
    wrong = replace(caller, secret=caller.secret[::-1])
    yield Exchange("token with a wrong secret", wrong.request(SCOPES), _wrong_secret)


def token_in(earlier: Answers, exchange: str) -> str | None:
    """The token from an exchange; None if it has none."""
    return issued(earlier[exchange]) if exchange in earlier else None


def _without_token() -> Iterator[Exchange]:
    for method, path in OPERATIONS:
        name = f"{_name(method, path)} without token"
        yield Exchange(name, _request(method, path), is_problem(401), writes=method != "GET")


def _without_scope(caller: Caller) -> Iterator[Exchange]:
    granted = {scope: f"access token without {scope}" for scope in sorted(SCOPES)}
    for scope, name in granted.items():
        others = caller.request(SCOPES - {scope})
        yield Exchange(name, others, _granted, writes=scope not in _READING)
    for (method, path), scope in OPERATIONS.items():
        # API Gateway documents both statuses for this.
        yield Exchange(
            f"{_name(method, path)} without {scope}",
            partial(_with_token, granted[scope], method, path),
            is_problem(401, 403),
            writes=method != "GET",
        )


def _altered() -> Iterator[Exchange]:
    path = f"/transactions/{_NO_SUCH}"
    for what, alter in _ALTERATIONS.items():

        def asked(earlier: Answers, alter: _Altered = alter) -> Request | None:
            token = token_in(earlier, ALL_SCOPES)
            claims = _claims(token) if token else None
            if not token or claims is None:
                return None
            head, body, signature = token.split(".")
            return replace(_request("GET", path), token=alter(head, body, signature, claims))

        yield Exchange(f"GET transaction with {what}", asked, is_problem(401))


# Head, body and signature of a token, and its claims -> another token.
_Altered = Callable[[str, str, str, Mapping[str, Any]], str]


def _expired(head: str, _body: str, signature: str, claims: Mapping[str, Any]) -> str:
    past = int(time.time()) - 1
    return (
        f"{head}.{_encoded({**claims, 'exp': past, 'iat': past - _LIFETIME_SECONDS})}.{signature}"
    )


def _lasting(head: str, _body: str, signature: str, claims: Mapping[str, Any]) -> str:
    return f"{head}.{_encoded({**claims, 'exp': 2**31})}.{signature}"


def _unsigned(_head: str, body: str, _signature: str, _claims: Mapping[str, Any]) -> str:
    return f"{_encoded({'alg': 'none', 'typ': 'JWT'})}.{body}."


_ALTERATIONS: Final[Mapping[str, _Altered]] = {
    "token altered to be expired": _expired,
    "token altered to last": _lasting,
    "unsigned token": _unsigned,
}


def _granted(heard: Heard) -> Iterator[Check]:
    """The response has a token. It is not shown in full, because it may quote the request."""
    none = f"no access token, HTTP status {heard.answer.status}"
    yield heard.check("has a token", True, issued(heard.answer) is not None or none)


def _short_lived(heard: Heard) -> Iterator[Check]:
    yield from _granted(heard)
    token = issued(heard.answer)
    if token is None:
        return
    claims = _claims(token)
    yield heard.check("is a JSON web token", True, claims is not None)
    if claims is not None:
        lifetime = claims.get("exp", 0) - claims.get("iat", 0)
        yield heard.check("lifetime in seconds", _LIFETIME_SECONDS, lifetime)


def _wrong_secret(heard: Heard) -> Iterator[Check]:
    yield one_of(heard, "HTTP status", (400, 401), heard.answer.status)
    yield heard.check("error", "invalid_client", heard.answer.get("error"))


def _request(method: str, path: str) -> Request:
    return Request(method, path, {} if method == "POST" else None)


def _with_token(exchange: str, method: str, path: str, earlier: Answers) -> Request | None:
    token = token_in(earlier, exchange)
    return replace(_request(method, path), token=token) if token else None


def _name(method: str, path: str) -> str:
    return f"{method} {path.removesuffix(f'/{_NO_SUCH}')}"


def _claims(token: str) -> dict[str, Any] | None:
    """The claims of a JWT, which only the API verifies; None for anything else."""
    try:
        _, body, _ = token.split(".")
        claims = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except ValueError:
        return None
    return claims if isinstance(claims, dict) else None


def _encoded(part: Mapping[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
