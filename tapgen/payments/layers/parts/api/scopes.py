"""Permissions of the API's callers: OAuth 2.0 scopes, each `<resource server>/<name>`.

The identity layer defines them, the API's methods require them.
"""

from __future__ import annotations

from typing import Final

PAYMENTS_READ: Final = "payments/read"
PAYMENTS_WRITE: Final = "payments/write"
SESSIONS_MANAGE: Final = "sessions/manage"

SCOPES: Final = {
    PAYMENTS_READ: "Read a transaction.",
    PAYMENTS_WRITE: "Make a payment.",
    SESSIONS_MANAGE: "Open, read and end sessions.",
}


def resource_servers() -> dict[str, dict[str, str]]:
    """Resource server -> name of a scope -> description."""
    servers: dict[str, dict[str, str]] = {}
    for scope, description in SCOPES.items():
        server, _, name = scope.partition("/")
        servers.setdefault(server, {})[name] = description
    return servers
