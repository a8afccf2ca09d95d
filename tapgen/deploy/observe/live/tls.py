"""How an environment is reached: the protocol, and of TLS what client and server agree on."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from tapgen.deploy.observe.checks import Address
from tapgen.deploy.observe.live.web import behind_proxy

_TIMEOUT_SECONDS: Final = 35
_PORT: Final = 443


def connection_traits(url: str, address: Address) -> Iterator[tuple[str, str]]:
    """Trait and value; names are the environment's own, so of the certificate it is the issuer.

    Without a URL there is nothing to tell, and behind a proxy nobody sees more than the protocol.
    Raises `OSError` when nobody answers, or the certificate will not do.
    """
    if not url:
        return
    served, _ = address(url)
    parts = urlsplit(served)
    yield "protocol", parts.scheme
    if parts.scheme == "https" and not behind_proxy(served):
        host, port = parts.hostname or "", parts.port or _PORT
        with (
            socket.create_connection((host, port), timeout=_TIMEOUT_SECONDS) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secured,
        ):
            cipher = secured.cipher()
            yield "TLS version", secured.version() or ""
            yield "TLS cipher", cipher[0] if cipher else ""
            yield "certificate issuer", _organization(secured.getpeercert())


def _organization(certificate: Any) -> str:
    """Who has issued it: the organization, without the name of the one key that signed."""
    issuer = {name: value for part in certificate["issuer"] for name, value in part}
    return str(issuer.get("organizationName") or issuer.get("commonName", ""))
