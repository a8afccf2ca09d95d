"""Calling the deployed API the way a client does, and checking what it answers.

Every call goes over HTTP to the site's address; nothing is asked of AWS here.
"""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from tapgen import __version__
from tapgen.deploy.checks import LIVE, Check

# A deployed URL -> the URL that serves it, and the headers to send along.
Address = Callable[[str], tuple[str, dict[str, str]]]

# API Gateway gives up after 29 s; a cold start in a VPC comes on top of the connection.
_TIMEOUT_SECONDS: Final = 35
_MARK: Final = "tapgen-verify"
# A number that card networks publish for tests; it passes the Luhn check and charges nobody.
_CARD_NUMBER: Final = "4242424242424242"
_NO_SUCH_ID: Final = "00000000-0000-4000-8000-000000000000"
_PROBLEM: Final = "application/problem+json"


@dataclass(frozen=True)
class Answer:
    """An HTTP response: status, headers by lower-case name, the parsed body or its text."""

    status: int
    headers: Mapping[str, str]
    body: Any

    def get(self, name: str) -> Any:
        """An entry of the body, None where there is none or the body is no object."""
        return self.body.get(name) if isinstance(self.body, dict) else None


class _NoRedirect(HTTPRedirectHandler):
    """An API that redirects is an answer to look at, not to follow."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass(frozen=True)
class Api:
    """The API at a site URL."""

    url: str
    address: Address

    def call(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request; a `body` that is not text is sent as JSON.

        Raises `OSError` when there is no answer at all.
        """
        url, extra = self.address(f"{self.url.rstrip('/')}{path}")
        text = body if isinstance(body, str) or body is None else json.dumps(body)
        request = Request(  # noqa: S310 - the URL is a stack's output, or loopback
            url,
            data=None if text is None else text.encode(),
            method=method,
            headers={
                "Content-Type": "application/json",
                "User-Agent": f"tapgen/{__version__}",
                **extra,
                **(headers or {}),
            },
        )
        try:
            with build_opener(_NoRedirect).open(request, timeout=_TIMEOUT_SECONDS) as response:
                return _answer(response)
        except HTTPError as error:
            with error:
                return _answer(error)
        except HTTPException as error:
            raise ConnectionError(f"not an HTTP answer: {error!r}") from error


def check_live_api(url: str, address: Address, *, read_only: bool = False) -> Iterator[Check]:
    """Health and unknown things; unless `read_only`, also a payment and a session.

    An API that does not answer gives one failing check.
    """
    api = Api(url, address)
    scenarios = [_health, _unknown] if read_only else [_health, _unknown, _payments, _sessions]
    for scenario in scenarios:
        try:
            yield from scenario(api)
        except OSError as error:
            yield Check(LIVE, url, "answers", "an HTTP response", str(error), ok=False)
            return


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
    yield from _expect("GET /health", answer, 200, {"status": "ok"})
    yield _check("GET /health", "Cache-Control", "no-store", answer.headers.get("cache-control"))


def _unknown(api: Api) -> Iterator[Check]:
    path = f"/transactions/{_NO_SUCH_ID}"
    yield from _expect_problem("GET unknown transaction", api.call("GET", path), 404)
    headers = {"X-Session-Id": secrets.token_urlsafe(32)}
    answer = api.call("GET", "/sessions", headers=headers)
    yield from _expect_problem("GET unknown session", answer, 404)
    yield from _expect_problem("GET session without id", api.call("GET", "/sessions"), 400)
    yield from _expect_problem("GET unknown path", api.call("GET", f"/{_MARK}"), 404)


def _payments(api: Api) -> Iterator[Check]:
    customer = marked()
    key = {"Idempotency-Key": marked()}
    body = payment(customer)
    created = api.call("POST", "/transactions", body, key)
    shown = {name: body[name] for name in ("amount", "currency", "customerId", "reference")}
    yield from _expect("POST payment", created, 201, shown)
    yield _check("POST payment", "has a transactionId", True, bool(created.get("transactionId")))
    if created.get("transactionId"):
        yield from _follow_up(api, created, body, key)
    without = api.call("POST", "/transactions", body)
    yield from _expect_problem("POST payment without Idempotency-Key", without, 400)
    yield from _bad_bodies(api, customer)


def _follow_up(
    api: Api, created: Answer, body: Mapping[str, Any], key: Mapping[str, str]
) -> Iterator[Check]:
    """What a stored payment makes of questions, of a repetition and of a contradiction."""
    read = api.call("GET", f"/transactions/{created.get('transactionId')}")
    yield from _expect("GET payment", read, 200, created.body)
    replay = api.call("POST", "/transactions", body, key)
    yield from _expect("POST payment again", replay, 201, created.body)
    replayed = replay.headers.get("idempotency-replayed")
    yield _check("POST payment again", "Idempotency-Replayed", "true", replayed)
    other = api.call("POST", "/transactions", {**body, "amount": 2000}, key)
    yield from _expect_problem("POST other payment, same key", other, 422)


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
        yield from _expect_problem(f"POST payment with {what}", answer, 400)
        shown = _CARD_NUMBER in json.dumps(answer.body)
        if what == "card number":
            yield _check(f"POST payment with {what}", "repeats the number", False, shown)


def _sessions(api: Api) -> Iterator[Check]:
    customer = {"customerId": marked()}
    created = api.call("POST", "/sessions", customer)
    session_id = created.get("sessionId")
    yield from _expect("POST session", created, 201, customer)
    yield _check("POST session", "has a sessionId", True, bool(session_id))
    if not session_id:
        return
    headers = {"X-Session-Id": session_id}
    read = api.call("GET", "/sessions", headers=headers)
    yield from _expect("GET session", read, 200, created.body)
    deleted = api.call("DELETE", f"/sessions/{session_id}")
    yield _check("DELETE session", "HTTP status", 204, deleted.status)
    gone = api.call("GET", "/sessions", headers=headers)
    yield from _expect_problem("GET deleted session", gone, 404)
    again = api.call("DELETE", f"/sessions/{session_id}")
    yield from _expect_problem("DELETE session again", again, 404)


def _expect(
    operation: str, answer: Answer, status: int, document: Mapping[str, Any]
) -> Iterator[Check]:
    """The status, and the entries of `document` in the body. Ids of sessions are not shown."""
    yield _check(operation, "HTTP status", status, answer.status)
    for name, value in document.items():
        if name == "sessionId":
            yield _check(operation, "sessionId is the same", True, answer.get(name) == value)
        else:
            yield _check(operation, name, value, answer.get(name))


def _expect_problem(operation: str, answer: Answer, status: int) -> Iterator[Check]:
    """A problem document (RFC 9457) that agrees with the status of the response."""
    media_type = answer.headers.get("content-type", "").partition(";")[0]
    described = bool(answer.get("type") and answer.get("title"))
    yield _check(operation, "HTTP status", status, answer.status)
    yield _check(operation, "Content-Type", _PROBLEM, media_type)
    yield _check(operation, "problem.status", status, answer.get("status"))
    yield _check(operation, "problem has type and title", True, described)


def _check(operation: str, name: str, declared: Any, actual: Any) -> Check:
    return Check(LIVE, operation, name, declared, actual, declared == actual)


def _answer(response: Any) -> Answer:
    text = response.read().decode(errors="replace")
    try:
        body = json.loads(text)
    except ValueError:
        body = text
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, headers, body)
