"""Who is not let in: the live API, called without a token and with tokens that will not do.

What can be proven from outside: each operation refuses a caller without a token, with a token that
lacks its scope alone, and with one that was altered, be it to look expired or to need no signature.
A token that is genuine and past its time takes fifteen minutes to come by; that its lifetime is
short is checked instead, and the tests of the local AWS let one expire.
"""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from tapgen.deploy.observe.checks import Check
from tapgen.payments.live.answers import check, expect_problem, one_of
from tapgen.payments.live.callers import Caller
from tapgen.payments.live.web import Api

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

_LIFETIME_SECONDS: Final = 900


def check_authorization(api: Api, caller: Caller, *, read_only: bool = False) -> Iterator[Check]:
    """Try every operation without the token it needs; only those that read where `read_only`.

    Raises `OSError` when API or token endpoint do not answer.
    """
    operations = {
        operation: scope
        for operation, scope in OPERATIONS.items()
        if operation[0] == "GET" or not read_only
    }
    yield from _without_token(api, operations)
    yield from _without_scope(api, caller, operations)
    yield from _altered(api, caller.token(SCOPES))
    yield from _wrong_secret(caller)


def _without_token(api: Api, operations: Mapping[tuple[str, str], str]) -> Iterator[Check]:
    for method, path in operations:
        answer = _call(replace(api, token=None), method, path)
        yield from expect_problem(f"{_name(method, path)} without token", answer, 401)


def _without_scope(
    api: Api, caller: Caller, operations: Mapping[tuple[str, str], str]
) -> Iterator[Check]:
    tokens = {scope: caller.token(SCOPES - {scope}) for scope in sorted({*operations.values()})}
    for (method, path), scope in operations.items():
        answer = _call(replace(api, token=tokens[scope]), method, path)
        # API Gateway documents either for this.
        yield from expect_problem(f"{_name(method, path)} without {scope}", answer, 401, 403)


def _altered(api: Api, token: str) -> Iterator[Check]:
    claims = _claims(token)
    if claims is None:
        yield check("access token", "is a JSON web token", True, False)
        return
    lifetime = claims.get("exp", 0) - claims.get("iat", 0)
    yield check("access token", "lifetime in seconds", _LIFETIME_SECONDS, lifetime)
    head, body, signature = token.split(".")
    past = int(time.time()) - 1
    expired = _encoded({**claims, "exp": past, "iat": past - _LIFETIME_SECONDS})
    altered = {
        "token altered to be expired": f"{head}.{expired}.{signature}",
        "token altered to last": f"{head}.{_encoded({**claims, 'exp': 2**31})}.{signature}",
        "unsigned token": f"{_encoded({'alg': 'none', 'typ': 'JWT'})}.{body}.",
    }
    for what, false in altered.items():
        answer = _call(replace(api, token=false), "GET", f"/transactions/{_NO_SUCH}")
        yield from expect_problem(f"GET transaction with {what}", answer, 401)


def _wrong_secret(caller: Caller) -> Iterator[Check]:
    answer = replace(caller, secret=caller.secret[::-1]).ask(SCOPES)
    yield one_of("token with a wrong secret", "HTTP status", (400, 401), answer.status)
    yield check("token with a wrong secret", "error", "invalid_client", answer.get("error"))


def _call(api: Api, method: str, path: str) -> Any:
    return api.call(method, path, {} if method == "POST" else None)


def _name(method: str, path: str) -> str:
    return f"{method} {path.removesuffix(f'/{_NO_SUCH}')}"


def _claims(token: str) -> dict[str, Any] | None:
    """The claims of a JWT, unverified: that is up to the API. None for anything else."""
    try:
        _, body, _ = token.split(".")
        claims = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except ValueError:
        return None
    return claims if isinstance(claims, dict) else None


def _encoded(part: Mapping[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
