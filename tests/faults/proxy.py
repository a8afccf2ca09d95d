"""A proxy in front of the local AWS that does to requests what networks and AWS do to them.

Loopback only. A rule names an operation ("ExecuteChangeSet", or "*") and what happens to it; the
first rule that still has something to do wins. Everything else is forwarded as it came.
"""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlsplit

# What a rule can do. The two cuts close the connection without an answer: before AWS saw the
# request, or after it took effect.
THROTTLE: Final = "throttle"
INTERNAL: Final = "500"
UNAVAILABLE: Final = "503"
EXPIRED: Final = "expired"
OBSOLETE: Final = "obsolete"
SLOW: Final = "slow"
CUT_BEFORE: Final = "cut before"
CUT_AFTER: Final = "cut after"
# Answers that are none. A page is what a proxy answers in AWS's place, before AWS saw the request
# ("blocked") or after it took effect; the others are what is left of AWS's own answer.
PAGE: Final = "page"
BLOCKED: Final = "blocked"
BAD_GATEWAY: Final = "bad gateway"
NAMELESS: Final = "503 without a code"
HALF: Final = "half"
TORN: Final = "torn"  # half as well, and the connection ends where more was promised
EMPTY: Final = "empty"
OTHER_FORM: Final = "other form"
LACKING: Final = "lacking"
NO_ANSWERS: Final = (
    PAGE,
    BLOCKED,
    BAD_GATEWAY,
    NAMELESS,
    HALF,
    TORN,
    EMPTY,
    OTHER_FORM,
    LACKING,
)
SKEWED: Final = "skewed"
UNSIGNED: Final = "unsigned"

_ERRORS: Final = {
    THROTTLE: (400, "Throttling", "Rate exceeded"),
    INTERNAL: (500, "InternalFailure", "An internal error occurred."),
    UNAVAILABLE: (503, "ServiceUnavailable", "Service is unable to handle request."),
    OBSOLETE: (
        400,
        "InvalidChangeSetStatus",
        "ChangeSet cannot be executed in its current execution status of [OBSOLETE]",
    ),
    EXPIRED: (400, "ExpiredToken", "The security token included in the request is expired"),
    SKEWED: (
        403,
        "RequestTimeTooSkewed",
        "The difference between the request time and the current time is too large.",
    ),
    UNSIGNED: (
        403,
        "SignatureDoesNotMatch",
        "Signature expired: 20261129T080000Z is now earlier than 20261129T091500Z",
    ),
}
_SIGN_IN: Final = (
    b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>...</body></html>"
)
_GATEWAY: Final = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
_XML_RESULT: Final = re.compile(rb"(<\w+Result)>.*</\w+Result>", re.DOTALL)
_ATTEMPT: Final = re.compile(r"attempt=(\d+)")
_HOP_BY_HOP: Final = frozenset({"connection", "expect", "keep-alive", "transfer-encoding"})


@dataclass
class Rule:
    """`kind` happens to `operation`, `times` times, where `when` (asked each time) says so.

    With `attempts`, it happens to as many attempts of each request: the client says which it is.
    """

    operation: str
    kind: str
    times: int = 1
    seconds: float = 0.05
    attempts: int = 10**9
    when: Callable[[], bool] = lambda: True

    def meets(self, operation: str, attempt: int) -> bool:
        asked = self.times > 0 and self.operation in {"*", operation}
        return asked and attempt <= self.attempts and self.when()


@dataclass
class Proxy:
    """Runs while it is used as a context manager. `served` lists what reached AWS."""

    upstream: str
    rules: list[Rule] = field(default_factory=list)
    served: list[str] = field(default_factory=list)
    faulted: list[tuple[str, str]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"proxy": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        # Whoever is killed leaves broken connections behind; they are not worth a traceback.
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="fault-proxy", daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def rule_for(self, operation: str, attempt: int) -> Rule | None:
        with self._lock:
            for rule in self.rules:
                if rule.meets(operation, attempt):
                    rule.times -= 1
                    self.faulted.append((operation, rule.kind))
                    return rule
        return None

    def count(self, operation: str) -> int:
        """How often AWS carried out the operation."""
        return self.served.count(operation)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: Proxy

    def setup(self) -> None:
        super().setup()
        self._upstream = HTTPConnection(urlsplit(self.proxy.upstream).netloc, timeout=600)

    def finish(self) -> None:
        self._upstream.close()
        with suppress(OSError):
            super().finish()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        operation = self._operation(body)
        attempt = _ATTEMPT.search(self.headers.get("amz-sdk-request", ""))
        rule = self.proxy.rule_for(operation, int(attempt[1]) if attempt else 1)
        kind = rule.kind if rule else ""
        if rule and kind in _ERRORS:
            self._refuse(*_ERRORS[kind])
        elif kind == CUT_BEFORE:
            self._cut()
        elif kind == PAGE:
            self._send(200, "text/html", _SIGN_IN)
        elif kind == BLOCKED:
            self._send(403, "text/html", _SIGN_IN)
        else:
            if rule and kind == SLOW:
                time.sleep(rule.seconds)
            self._forward(operation, body, kind)

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST  # noqa: N815 - http.server's names

    def _operation(self, body: bytes) -> str:
        target = self.headers.get("X-Amz-Target")
        if target:
            return target.rpartition(".")[2]
        if self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
            return parse_qs(body.decode()).get("Action", [""])[0]
        return f"{self.command} {urlsplit(self.path).path}"

    def _forward(self, operation: str, body: bytes, kind: str) -> None:
        headers = {k: v for k, v in self.headers.items() if k.lower() not in _HOP_BY_HOP}
        try:
            self._upstream.request(self.command, self.path, body, headers)
            response = self._upstream.getresponse()
            content = response.read()
        except (OSError, HTTPException):
            self._cut()
            return
        self.proxy.served.append(operation)
        if kind == CUT_AFTER:
            self._cut()
            return
        if kind in NO_ANSWERS:
            is_json = "json" in response.getheader("Content-Type", "")
            if kind == TORN:
                self._send(response.status, "text/xml", content, sent=len(content) // 2)
                self._cut()
                return
            self._send(*_spoiled(kind, response.status, content, is_json=is_json))
            return
        self.send_response_only(response.status, response.reason)
        for name, value in response.getheaders():
            if name.lower() not in _HOP_BY_HOP | {"content-length"}:
                self.send_header(name, value)
        length = response.getheader("Content-Length") if self.command == "HEAD" else None
        self.send_header("Content-Length", length or str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _refuse(self, status: int, code: str, message: str) -> None:
        if self.headers.get("X-Amz-Target"):
            code = {
                "Throttling": "ThrottlingException",
                "ExpiredToken": "ExpiredTokenException",
            }.get(code, code)
            content, kind = json.dumps({"__type": code, "message": message}), "x-amz-json-1.1"
        else:
            if code == "Throttling" and self.command != "POST":  # S3 has its own way to say so
                status, code = 503, "SlowDown"
            error = f"<Code>{code}</Code><Message>{message}</Message>"
            content = (
                f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error>"
                "<RequestId>1</RequestId></ErrorResponse>"
            )
            kind = "xml"
        self._send(status, f"application/{kind}", content.encode(), aws=True)

    def _send(
        self, status: int, kind: str, content: bytes, *, sent: int | None = None, aws: bool = False
    ) -> None:
        self.send_response_only(status)
        if aws:  # it signs its answers
            self.send_header("x-amz-request-id", "1")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Date", self.date_time_string())
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content[:sent])

    def _cut(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


def _spoiled(kind: str, status: int, content: bytes, *, is_json: bool) -> tuple[int, str, bytes]:
    """Status, type and body of what comes instead of AWS's answer."""
    own = "application/json" if is_json else "text/xml"
    match kind:
        case "bad gateway":
            return 502, "text/html", _GATEWAY
        case "503 without a code":
            return 503, own, b""
        case "half":
            return status, own, content[: len(content) // 2]
        case "empty":
            return status, own, b""
        case "other form":
            form = (
                (b"<Answer/>", "text/xml") if is_json else (b'{"Answer": {}}', "application/json")
            )
            return status, form[1], form[0]
    return status, own, b"{}" if is_json else _XML_RESULT.sub(rb"\1/>", content)
