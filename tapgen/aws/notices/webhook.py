"""Sending JSON to a webhook whose address is a secret."""

from __future__ import annotations

import json
import socket
import ssl
import time
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from tapgen import __version__
from tapgen.aws.account import Account
from tapgen.aws.errors import explained
from tapgen.errors import TapgenError
from tapgen.model.receiver import Webhook

_SECONDS: Final = 3.0
_PAUSE_SECONDS: Final = 1.0  # receivers that limit the rate do so for about a second
_SERVER_ERRORS: Final = 500
_TOO_MANY: Final = 429
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Address:
    """The address of a webhook; it is never shown."""

    url: str = field(repr=False)

    @property
    def host(self) -> str:
        """The host name, in lower case."""
        return urlsplit(self.url).hostname or ""


class _NoRedirect(HTTPRedirectHandler):
    """Redirects are not followed: a notice is for one address only."""

    def redirect_request(self, *_: Any) -> None:
        return None


class _TryAgainError(Exception):
    """It did not arrive, but another attempt may succeed."""


def address_of(account: Account, webhook: Webhook, home: str) -> Address:
    """The address in the webhook's secret; `home` is the environment's region.

    Raises `TapgenError` if it cannot be read, or is not an address.
    """
    with explained(f"reading the address of a webhook from the secret {webhook.secret}"):
        client = account.client("secretsmanager", webhook.region(home), quick=True)
        value = client.get_secret_value(SecretId=webhook.secret).get("SecretString", "").strip()
    if not _is_address(value, local=account.connection.local):
        raise TapgenError(
            f"the value of the secret {webhook.secret} is not the address of a webhook",
            "Store only the address in it, as plain text: https://...",
        )
    return Address(value)


def send(address: Address, body: Any) -> None:
    """Send `body` as JSON, with a second attempt if that may help.

    Raises `TapgenError` if it did not arrive.
    """
    data = json.dumps(body).encode()
    try:
        _send(address, data)
    except _TryAgainError:
        time.sleep(_PAUSE_SECONDS)
        try:
            _send(address, data)
        except _TryAgainError as error:
            raise TapgenError(f"the webhook {error}") from None


def _send(address: Address, data: bytes) -> None:
    direct = [ProxyHandler({})] if address.host in _LOOPBACK else []
    headers = {"Content-Type": "application/json", "User-Agent": f"tapgen/{__version__}"}
    request = Request(address.url, data, headers)  # noqa: S310 - `address_of` checks the scheme
    try:
        with build_opener(_NoRedirect, *direct).open(request, timeout=_SECONDS):
            return
    except HTTPError as error:
        error.close()
        if error.code >= _SERVER_ERRORS or error.code == _TOO_MANY:
            raise _TryAgainError(f"answered {error.code}") from None
        raise TapgenError(
            f"the webhook answered {error.code}",
            "Check that the secret still has the webhook's current address.",
        ) from None
    except (OSError, HTTPException) as error:
        # The error's own text would contain the address.
        raise _TryAgainError(_words(error)) from None


def _words(error: BaseException) -> str:
    """Why there was no answer, without the address."""
    reason = error.reason if isinstance(error, URLError) else error
    match reason:
        case TimeoutError():
            return f"gave no answer within {_SECONDS:.0f} s"
        case ssl.SSLError():
            return "cannot be trusted: its TLS certificate is not valid for its name"
        case socket.gaierror():
            return "cannot be reached: the host name in its address is not known"
        case ConnectionRefusedError():
            return "cannot be reached: the connection was refused"
        case _:
            return f"cannot be reached ({type(reason).__name__})"


def _is_address(value: str, *, local: bool) -> bool:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return False
    if not value.isascii() or any(letter <= " " for letter in value) or port == 0:
        return False
    return bool(parts.hostname) and (parts.scheme == "https" or (local and _on_loopback(parts)))


def _on_loopback(parts: SplitResult) -> bool:
    return parts.scheme == "http" and parts.hostname in _LOOPBACK
