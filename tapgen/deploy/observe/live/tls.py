"""The connection to an environment: the protocol, and the TLS version and cipher agreed on."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from tapgen.deploy.observe.checks import Address
from tapgen.deploy.observe.live.certificate import certificate_traits
from tapgen.deploy.observe.live.web import behind_proxy

_TIMEOUT_SECONDS: Final = 35
_PORT: Final = 443


def connection_traits(url: str, address: Address) -> Iterator[tuple[str, str]]:
    """Trait and value; of the certificate what environments may have in common.

    Without a URL there are no traits; through a proxy only the protocol can be seen. Raises
    `OSError` if there is no answer, or the certificate is not valid.
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
            der = secured.getpeercert(binary_form=True) or b""
            yield from certificate_traits(der, host)
