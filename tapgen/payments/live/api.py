"""Requests to the deployed API, as a client sends them, and the expected responses.

Every request goes over HTTP to the site's URL. Nothing here calls AWS.
"""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Callable, Iterator
from typing import Any, Final

from tapgen.deploy.observe.checks import Check
from tapgen.deploy.observe.live.exchange import Answers, Exchange, Heard, Request
from tapgen.payments.live.answers import expect, is_problem
from tapgen.payments.live.authorization import ALL_SCOPES, authorization, token_in
from tapgen.payments.live.callers import Caller

_MARK: Final = "tapgen-verify"
# A test number published by card networks. It passes the Luhn check and belongs to no card.
_CARD_NUMBER: Final = "4242424242424242"
_NO_SUCH_ID: Final = "00000000-0000-4000-8000-000000000000"
_PAYMENT: Final = "POST payment"
_SESSION: Final = "POST session"
_SHOWN: Final = ("amount", "currency", "customerId", "reference")

# A request with a token, if the API needs one: earlier responses -> request.
_Asked = Callable[[Answers], Request | None]


def exchanges(caller: Caller | None) -> tuple[Exchange, ...]:
    """Authorization, health, unknown resources; then, with writes, a payment and a session.

    `caller` is None if the API is open. Stored data belongs to a customer whose name starts with
    `tapgen-verify-`, a new one for each conversation.
    """
    talk = _Talk(caller)
    return (
        *(authorization(caller) if caller else ()),
        *talk.unknown(),
        *talk.payments(),
        *talk.bad_payments(),
        *talk.sessions(),
    )


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
    """A new name that marks test data: letters only, because digits may look like a card number."""
    return f"{_MARK}-{''.join(secrets.choice(string.ascii_lowercase) for _ in range(12))}"


class _Talk:
    """One conversation: its customer, and the key of its payment."""

    def __init__(self, caller: Caller | None) -> None:
        self._caller = caller
        self._customer = marked()
        self._key = {"Idempotency-Key": marked()}

    def unknown(self) -> Iterator[Exchange]:
        """Health, and resources that do not exist."""
        unknown = {"X-Session-Id": secrets.token_urlsafe(32)}
        yield Exchange("GET /health", self._asked("GET", "/health"), _healthy)
        yield Exchange(
            "GET unknown transaction",
            self._asked("GET", f"/transactions/{_NO_SUCH_ID}"),
            is_problem(404),
        )
        yield Exchange(
            "GET unknown session", self._asked("GET", "/sessions", headers=unknown), is_problem(404)
        )
        yield Exchange("GET session without id", self._asked("GET", "/sessions"), is_problem(400))
        # Without a token: API Gateway takes one for a signature if it does not know the path.
        yield Exchange("GET unknown path", lambda _: Request("GET", f"/{_MARK}"), is_problem(404))

    def payments(self) -> Iterator[Exchange]:
        """A payment, reading it, sending it again, and sending another one with its key."""
        body = payment(self._customer)
        posted = self._asked("POST", "/transactions", body, self._key)
        other = self._asked("POST", "/transactions", {**body, "amount": 2000}, self._key)

        def created(heard: Heard) -> Iterator[Check]:
            yield from expect(heard, 201, {name: body[name] for name in _SHOWN})
            yield heard.check("has a transactionId", True, bool(heard.answer.get("transactionId")))

        def stored(earlier: Answers) -> Request | None:
            found = _of(earlier, _PAYMENT, "transactionId")
            return self._asked("GET", f"/transactions/{found}")(earlier) if found else None

        def again(asked: _Asked) -> _Asked:
            return lambda earlier: (
                asked(earlier) if _of(earlier, _PAYMENT, "transactionId") else None
            )

        yield Exchange(_PAYMENT, posted, created, writes=True)
        yield Exchange("GET payment", stored, _same_as(_PAYMENT, 200), writes=True)
        yield Exchange("POST payment again", again(posted), _replayed, writes=True)
        yield Exchange("POST other payment, same key", again(other), is_problem(422), writes=True)

    def bad_payments(self) -> Iterator[Exchange]:
        """Invalid payments."""
        without = self._asked("POST", "/transactions", payment(self._customer))
        yield Exchange(
            "POST payment without Idempotency-Key", without, is_problem(400), writes=True
        )
        bodies = {
            "amount with decimals": payment(self._customer, amount=19.99),
            "unknown currency": payment(self._customer, currency="ZZZ"),
            "unknown field": payment(self._customer, discount=1),
            "malformed JSON": '{"amount": ',
            "card number": payment(self._customer, paymentToken=_CARD_NUMBER),
        }
        for what, body in bodies.items():
            asked = self._asked("POST", "/transactions", body, {"Idempotency-Key": marked()})
            expected = _unrepeated if what == "card number" else is_problem(400)
            yield Exchange(f"POST payment with {what}", asked, expected, writes=True)

    def sessions(self) -> Iterator[Exchange]:
        """A session, from start to end."""
        customer = {"customerId": self._customer}

        def created(heard: Heard) -> Iterator[Check]:
            yield from expect(heard, 201, customer)
            yield heard.check("has a sessionId", True, bool(heard.answer.get("sessionId")))

        def deleted(heard: Heard) -> Iterator[Check]:
            yield heard.check("HTTP status", 204, heard.answer.status)

        def within(method: str) -> _Asked:
            def asked(earlier: Answers) -> Request | None:
                found = _of(earlier, _SESSION, "sessionId")
                headers = {"X-Session-Id": str(found)}
                return self._asked(method, "/sessions", None, headers)(earlier) if found else None

            return asked

        yield Exchange(_SESSION, self._asked("POST", "/sessions", customer), created, writes=True)
        yield Exchange("GET session", within("GET"), _same_as(_SESSION, 200), writes=True)
        yield Exchange("DELETE session", within("DELETE"), deleted, writes=True)
        yield Exchange("GET deleted session", within("GET"), is_problem(404), writes=True)
        yield Exchange("DELETE session again", within("DELETE"), is_problem(404), writes=True)

    def _asked(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> _Asked:
        """A request with a token, or None if a token is needed and missing."""

        def asked(earlier: Answers) -> Request | None:
            token = token_in(earlier, ALL_SCOPES) if self._caller else None
            if self._caller and token is None:
                return None
            return Request(method, path, body, headers or {}, token)

        return asked


def _of(earlier: Answers, exchange: str, name: str) -> Any:
    """An entry of an earlier response; None if there is none."""
    return earlier[exchange].get(name) if exchange in earlier else None


def _healthy(heard: Heard) -> Iterator[Check]:
    yield from expect(heard, 200, {"status": "ok"})
    yield heard.check("Cache-Control", "no-store", heard.answer.headers.get("cache-control"))


def _same_as(exchange: str, status: int) -> Callable[[Heard], Iterator[Check]]:
    """The same body as an earlier response."""
    return lambda heard: expect(heard, status, heard.earlier[exchange].body)


def _replayed(heard: Heard) -> Iterator[Check]:
    yield from _same_as(_PAYMENT, 201)(heard)
    replayed = heard.answer.headers.get("idempotency-replayed")
    yield heard.check("Idempotency-Replayed", "true", replayed)


def _unrepeated(heard: Heard) -> Iterator[Check]:
    yield from is_problem(400)(heard)
    repeated = _CARD_NUMBER in json.dumps(heard.answer.body)
    yield heard.check("repeats the number", False, repeated)
