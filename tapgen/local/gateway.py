"""An ASGI layer in front of MiniStack: the server's identity, and AWS host names served locally."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_account_id, request_scope

from tapgen.local import state
from tapgen.local.internals import routing
from tapgen.local.process import IDENTITY_PATH

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    Message = dict[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    Application = Callable[[Message, Receive, Send], Awaitable[None]]

GLOBAL_REGION = "us-east-1"
"""The region of CloudFront and its certificates."""

_EXECUTE_API = re.compile(
    r"(?P<api>[a-z0-9]+)\.execute-api\.(?P<region>[a-z0-9-]+)\.amazonaws\.com"
)
_TOKEN_ENDPOINT = re.compile(
    r"(?P<domain>[a-z0-9-]+)\.auth\.(?P<region>[a-z0-9-]+)\.amazoncognito\.com"
)
_API_PATH = re.compile(r"/(restapis|_aws/execute-api)/(?P<api>[^/]+)/.*")


def execute_api(host: str) -> re.Match[str] | None:
    """Match the host name of a deployed API."""
    return _EXECUTE_API.fullmatch(host)


def origin_connection(port: int) -> Callable[[Message], tuple[str, int, bool] | None]:
    """Return a function that lets CloudFront find a deployed API by its AWS host name here.

    The name stays in the Host header, which the function behind the API sees. There is no TLS on
    loopback.
    """

    def connect(origin: Message) -> tuple[str, int, bool] | None:
        return (state.HOST, port, False) if execute_api(origin["domain_name"]) else None

    return connect


def application(directory: Path, on_ready: Callable[[], None]) -> Application:
    """Return MiniStack with our layer in front. It calls `on_ready` once it has started."""
    identity = json.dumps({"pid": os.getpid(), "directory": str(directory)}).encode()

    async def serve(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await routing.application(scope, receive, _watching_startup(send, on_ready))
        elif scope["type"] == "http" and scope["path"] == IDENTITY_PATH:
            await _answer(send, identity)
        else:
            await _route(scope, receive, send)

    return serve


def _watching_startup(send: Send, on_ready: Callable[[], None]) -> Send:
    async def watching(message: Message) -> None:
        await send(message)
        if message["type"] == "lifespan.startup.complete":
            on_ready()

    return watching


async def _answer(send: Send, body: bytes, status: int = 200) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _route(scope: Message, receive: Receive, send: Send) -> None:
    """Serve a host name that AWS would serve. All other requests go to MiniStack unchanged.

    A viewer sends no credentials, so MiniStack would search only its default account. The owner of
    the API or distribution is found here.
    """
    host = _host(scope)
    if match := execute_api(host):
        scope = _on_path(scope, match["api"])
    if match := _TOKEN_ENDPOINT.fullmatch(host):
        account = routing.token_endpoint_owner(**match.groupdict())
        if account is None:
            await _answer(send, b'{"error": "there is no such domain"}', 404)
            return
    elif match := _API_PATH.match(scope["path"]):
        account = routing.api_owner(match["api"])
    elif owner := routing.distribution_owner(host):
        account, domain = owner
        scope = _on_host(scope, domain)
    else:
        account = None
    with request_scope(account or get_account_id(), GLOBAL_REGION):
        await routing.application(scope, receive, send)


def _host(scope: Message) -> str:
    host: bytes = dict(scope["headers"]).get(b"host", b"")
    return host.decode("latin-1").partition(":")[0].lower()


def _on_path(scope: Message, api: str) -> Message:
    """Address the API by path, MiniStack's form, so that the function still sees the host."""
    prefix = f"/_aws/execute-api/{api}"
    raw = prefix.encode() + scope["raw_path"]
    return {**scope, "path": prefix + scope["path"], "raw_path": raw}


def _on_host(scope: Message, domain: str) -> Message:
    headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
    return {**scope, "headers": [*headers, (b"host", domain.encode())]}
