"""HTTP as a client of the deployed API speaks it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError
from urllib.request import (
    HTTPRedirectHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    build_opener,
)

from tapgen import __version__
from tapgen.deploy.observe.checks import Address

# API Gateway gives up after 29 s; a cold start in a VPC comes on top of the connection.
_TIMEOUT_SECONDS: Final = 35
_LOOPBACK: Final = "127.0.0.1"


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
    """What is served at a URL; `token` is an access token that goes with every call."""

    url: str
    address: Address
    token: str | None = field(default=None, repr=False)

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
                **({"Authorization": f"Bearer {self.token}"} if self.token else {}),
                **extra,
                **(headers or {}),
            },
        )
        try:
            with _opener(request.host).open(request, timeout=_TIMEOUT_SECONDS) as response:
                return _answer(response)
        except HTTPError as error:
            with error:
                return _answer(error)
        except HTTPException as error:
            raise ConnectionError(f"not an HTTP answer: {error!r}") from error


def _opener(host: str) -> OpenerDirector:
    """What is served on this machine itself is reached without a proxy."""
    direct = [ProxyHandler({})] if host.partition(":")[0] == _LOOPBACK else []
    return build_opener(_NoRedirect, *direct)


def _answer(response: Any) -> Answer:
    text = response.read().decode(errors="replace")
    try:
        body = json.loads(text)
    except ValueError:
        body = text
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, headers, body)
