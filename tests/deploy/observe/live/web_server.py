"""A web server for one test, that answers as a function says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.serving import running_server

# Status, headers and body: bytes as they are, anything else as JSON.
Reply = tuple[int, dict[str, str], Any]
PROBLEM = {"Content-Type": "application/problem+json"}


def problem(status: int) -> Reply:
    return status, PROBLEM, {"type": "about:blank", "title": "No", "status": status}


@contextmanager
def serving(reply: Callable[..., Reply]) -> Iterator[str]:
    """`reply` gets method, path, headers and body; gives the server's address."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, headers, document = reply(self.command, self.path, self.headers, body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            if isinstance(document, bytes):
                self.wfile.write(document)
            elif document is not None:
                self.wfile.write(json.dumps(document).encode())

        do_GET = do_POST = do_DELETE = answer  # noqa: N815 - names of the base class

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with running_server(server) as address:
        yield address
