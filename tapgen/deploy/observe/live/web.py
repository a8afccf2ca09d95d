"""An HTTP client for the deployed system."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from time import monotonic
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPRedirectHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    build_opener,
)

from tapgen import __version__
from tapgen.deploy.observe.checks import Address
from tapgen.model.templates.json_text import parsed

# API Gateway times out after 29 s; the time for the connection comes on top.
_TIMEOUT_SECONDS: Final = 35
_LOOPBACK: Final = "127.0.0.1"
# A tenth of API Gateway's limit (10 MB, "Quotas for REST APIs"). Reading more would not show more
# about an API's behaviour.
_MOST_BYTES: Final = 1 << 20
_PART_BYTES: Final = 64 << 10


@dataclass(frozen=True)
class Answer:
    """A response: status, headers by lower-case name, the parsed body or its text.

    A header that occurs several times has each value on its own line. The body `is_text` if it is
    not JSON, or not `complete` because it is longer than 1 MiB, the most that is read. `seconds` is
    the duration.
    """

    status: int
    headers: Mapping[str, str]
    body: Any
    is_text: bool = False
    complete: bool = True
    seconds: float = field(default=0.0, compare=False)

    def get(self, name: str) -> Any:
        """An entry of the body; None if there is none or the body is not an object."""
        return self.body.get(name) if isinstance(self.body, dict) else None


class _NoRedirect(HTTPRedirectHandler):
    """Redirects are not followed: they are answers to check."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass(frozen=True)
class Api:
    """An API at a URL; `token` is an access token that is sent with every call."""

    url: str
    address: Address
    token: str | None = field(default=None, repr=False)

    def call(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request; a `body` that is not text is sent as JSON.

        Raises `OSError` if there is no answer or no complete one.
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
            with _sent(request) as response:
                return _answer(response)
        except HTTPException as error:
            raise ConnectionError(f"not an HTTP answer: {error!r}") from error


def behind_proxy(url: str) -> bool:
    """Whether calls to a URL use a proxy, according to the environment variables."""
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    return parts.scheme in getproxies() and not proxy_bypass(parts.hostname or "")


def _sent(request: Request) -> Any:
    """The response, whatever its status."""
    try:
        return _opener(request.host).open(request, timeout=_TIMEOUT_SECONDS)
    except HTTPError as error:
        return error


def _opener(host: str) -> OpenerDirector:
    """An opener that uses no proxy for this machine itself."""
    direct = [ProxyHandler({})] if host.partition(":")[0] == _LOOPBACK else []
    return build_opener(_NoRedirect, *direct)


def _answer(response: Any) -> Answer:
    data = _read(response)
    text = data[:_MOST_BYTES].decode(errors="replace")
    complete = len(data) <= _MOST_BYTES
    body, is_text = text, True
    if complete:
        with suppress(ValueError):
            body, is_text = parsed(text), False
    headers: dict[str, list[str]] = {}
    for name, value in response.headers.items():
        headers.setdefault(name.lower(), []).append(value)
    told = {name: "\n".join(values) for name, values in headers.items()}
    return Answer(response.status, told, body, is_text, complete)


def _read(response: Any) -> bytes:
    """The body, up to a little more than the limit.

    Raises `OSError` if it takes too long or is cut off.
    """
    deadline = monotonic() + _TIMEOUT_SECONDS
    data = bytearray()
    while part := response.read1(_PART_BYTES):
        data += part
        if len(data) > _MOST_BYTES:
            break
        if monotonic() > deadline:
            raise TimeoutError(f"the answer did not end within {_TIMEOUT_SECONDS} s")
    else:
        if response.length:  # `read1` does not report missing bytes
            raise ConnectionError(f"the answer is cut off: {response.length} bytes are missing")
    return bytes(data)
