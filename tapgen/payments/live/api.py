"""Calling the deployed API the way a client does, and checking what it answers.

Every call goes over HTTP to the site's address; nothing is asked of AWS here.
"""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Iterator, Mapping
from dataclasses import replace
from errno import EMFILE, ENFILE, ENOMEM
from typing import Any, Final

from tapgen.deploy.observe.checks import LIVE, Check, Unseen
from tapgen.payments.live.answers import check, expect, expect_problem
from tapgen.payments.live.authorization import SCOPES, check_authorization
from tapgen.payments.live.callers import Caller
from tapgen.payments.live.web import Answer, Api

# What this machine lacks says nothing of the API.
_OWN: Final = frozenset({EMFILE, ENFILE, ENOMEM})
_MARK: Final = "tapgen-verify"
# A number that card networks publish for tests; it passes the Luhn check and charges nobody.
_CARD_NUMBER: Final = "4242424242424242"
_NO_SUCH_ID: Final = "00000000-0000-4000-8000-000000000000"


def check_live_api(api: Api, caller: Caller | None, *, read_only: bool = False) -> Iterator[Check]:
    """Health, who is let in, unknown things; unless `read_only`, also a payment and a session.

    `caller` is None where the API is open. What does not answer gives one failing check.
    """
    try:
        if caller:
            yield from check_authorization(api, caller, read_only=read_only)
            api = replace(api, token=caller.token(SCOPES))
        scenarios = [_health, _unknown] if read_only else [_health, _unknown, _payments, _sessions]
        for scenario in scenarios:
            yield from scenario(api)
    except OSError as error:
        own = getattr(getattr(error, "reason", error), "errno", None) in _OWN
        actual = Unseen(error) if own else str(error)
        yield Check(LIVE, api.url, "answers", "an HTTP response", actual, ok=None if own else False)


def payment(customer: str, **changes: Any) -> dict[str, Any]:
    """The body of a valid payment of 19.99 EUR, with `changes`."""
    return {
        "amount": 1999,
        "currency": "EUR",
        "customerId": customer,
        "paymentToken": f"tok-{customer}",
        "reference": "tapgen verify",
        **changes,
    }


def marked() -> str:
    """A new name that tells test data: letters only, because digits may look like a card number."""
    return f"{_MARK}-{''.join(secrets.choice(string.ascii_lowercase) for _ in range(12))}"


def _health(api: Api) -> Iterator[Check]:
    answer = api.call("GET", "/health")
    yield from expect("GET /health", answer, 200, {"status": "ok"})
    yield check("GET /health", "Cache-Control", "no-store", answer.headers.get("cache-control"))


def _unknown(api: Api) -> Iterator[Check]:
    path = f"/transactions/{_NO_SUCH_ID}"
    yield from expect_problem("GET unknown transaction", api.call("GET", path), 404)
    headers = {"X-Session-Id": secrets.token_urlsafe(32)}
    answer = api.call("GET", "/sessions", headers=headers)
    yield from expect_problem("GET unknown session", answer, 404)
    yield from expect_problem("GET session without id", api.call("GET", "/sessions"), 400)
    yield from expect_problem("GET unknown path", api.call("GET", f"/{_MARK}"), 404)


def _payments(api: Api) -> Iterator[Check]:
    customer = marked()
    key = {"Idempotency-Key": marked()}
    body = payment(customer)
    created = api.call("POST", "/transactions", body, key)
    shown = {name: body[name] for name in ("amount", "currency", "customerId", "reference")}
    yield from expect("POST payment", created, 201, shown)
    yield check("POST payment", "has a transactionId", True, bool(created.get("transactionId")))
    if created.get("transactionId"):
        yield from _follow_up(api, created, body, key)
    without = api.call("POST", "/transactions", body)
    yield from expect_problem("POST payment without Idempotency-Key", without, 400)
    yield from _bad_bodies(api, customer)


def _follow_up(
    api: Api, created: Answer, body: Mapping[str, Any], key: Mapping[str, str]
) -> Iterator[Check]:
    """What a stored payment makes of questions, of a repetition and of a contradiction."""
    read = api.call("GET", f"/transactions/{created.get('transactionId')}")
    yield from expect("GET payment", read, 200, created.body)
    replay = api.call("POST", "/transactions", body, key)
    yield from expect("POST payment again", replay, 201, created.body)
    replayed = replay.headers.get("idempotency-replayed")
    yield check("POST payment again", "Idempotency-Replayed", "true", replayed)
    other = api.call("POST", "/transactions", {**body, "amount": 2000}, key)
    yield from expect_problem("POST other payment, same key", other, 422)


def _bad_bodies(api: Api, customer: str) -> Iterator[Check]:
    bodies = {
        "amount with decimals": payment(customer, amount=19.99),
        "unknown currency": payment(customer, currency="ZZZ"),
        "unknown field": payment(customer, discount=1),
        "malformed JSON": '{"amount": ',
        "card number": payment(customer, paymentToken=_CARD_NUMBER),
    }
    for what, body in bodies.items():
        answer = api.call("POST", "/transactions", body, {"Idempotency-Key": marked()})
        yield from expect_problem(f"POST payment with {what}", answer, 400)
        shown = _CARD_NUMBER in json.dumps(answer.body)
        if what == "card number":
            yield check(f"POST payment with {what}", "repeats the number", False, shown)


def _sessions(api: Api) -> Iterator[Check]:
    customer = {"customerId": marked()}
    created = api.call("POST", "/sessions", customer)
    session_id = created.get("sessionId")
    yield from expect("POST session", created, 201, customer)
    yield check("POST session", "has a sessionId", True, bool(session_id))
    if not session_id:
        return
    headers = {"X-Session-Id": session_id}
    read = api.call("GET", "/sessions", headers=headers)
    yield from expect("GET session", read, 200, created.body)
    deleted = api.call("DELETE", "/sessions", headers=headers)
    yield check("DELETE session", "HTTP status", 204, deleted.status)
    gone = api.call("GET", "/sessions", headers=headers)
    yield from expect_problem("GET deleted session", gone, 404)
    again = api.call("DELETE", "/sessions", headers=headers)
    yield from expect_problem("DELETE session again", again, 404)
