"""The endpoint's HTTP server: finds service, account and region, waits, counts, and answers."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Self
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

from benchmarks.endpoint.clock import SLOW, Bucket, Times
from benchmarks.endpoint.cloudformation import CloudFormation
from benchmarks.endpoint.others import Others
from benchmarks.endpoint.stacks import RefusalError, Stack

_SCOPE: Final = re.compile(r"Credential=(\d{12})/\d+/([^/]+)/([^/]+)/")


@dataclass(frozen=True)
class Call:
    """One answered call. `subject` is the stack, or the resource, that it was about."""

    service: str
    action: str
    account: str
    region: str
    subject: str
    throttled: bool
    at: float


@dataclass
class Endpoint:
    """Serves on a free loopback port while it is used as a context."""

    times: Times = field(default_factory=Times)
    calls: list[Call] = field(default_factory=list)
    _regions: dict[tuple[str, str], CloudFormation] = field(default_factory=dict)
    _accounts: dict[str, Others] = field(default_factory=dict)
    _buckets: dict[tuple[str, str, str], Bucket] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"endpoint": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def forget_calls(self) -> None:
        """Reset the counts."""
        with self._lock:
            self.calls.clear()

    def counts(self) -> Counter[str]:
        """Calls by service and action, throttled ones included."""
        with self._lock:
            return Counter(f"{call.service}:{call.action}" for call in self.calls)

    def stacks(self) -> list[Stack]:
        """Every stack of every account and region."""
        with self._lock:
            return [stack for one in self._regions.values() for stack in one.stacks.values()]

    def answer(
        self, scope: tuple[str, str, str], action: str, asked: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Answer one call after its simulated duration. Raises `RefusalError`."""
        account, region, service = scope
        time.sleep(self.times.call)
        with self._lock:
            others = self._accounts.setdefault(account, Others(account))
            cloudformation = self._regions.setdefault(
                (account, region),
                CloudFormation(account, region, self.times, others.objects.template),
            )
            rate = self.times.rate if service in SLOW else 0.0
            bucket = self._buckets.setdefault(scope, Bucket(rate))
            throttled = not bucket.take()
            subject = str(asked.get("StackName") or asked.get("ChangeSetName") or "")
            self.calls.append(
                Call(service, action, account, region, subject, throttled, time.monotonic())
            )
        if throttled:
            raise RefusalError("Throttling", "Rate exceeded")
        if service == "cloudformation":
            return cloudformation.call(action, asked)
        return others.call(service, action, asked)


# Services with JSON responses to requests whose path names the operation. The others use XML.
_REST_JSON: Final = frozenset({"apigateway"})


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    endpoint: Endpoint

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        found = _SCOPE.search(self.headers.get("Authorization", ""))
        scope = (found[1], found[2], found[3]) if found else ("", "", "")
        target = self.headers.get("X-Amz-Target", "")
        try:
            if target:
                action, asked = target.rpartition(".")[2], json.loads(body)
                self._send(200, json.dumps(self.endpoint.answer(scope, action, asked)))
            elif "x-www-form-urlencoded" in self.headers.get("Content-Type", ""):
                asked = _nested(dict(parse_qsl(body.decode(), keep_blank_values=True)))
                action = asked["Action"]
                result = _xml(self.endpoint.answer(scope, action, asked))
                name = f"{action}Response"
                self._send(200, f"<{name}><{action}Result>{result}</{action}Result></{name}>")
            else:
                action = f"{self.command} {len(urlsplit(self.path).path.strip('/').split('/'))}"
                asked = {"StackName": self.path, "Body": body}
                answer = self.endpoint.answer(scope, action, asked)
                self._send(200, json.dumps(answer) if scope[2] in _REST_JSON else _xml(answer))
        except RefusalError as error:
            self._refuse(error, json_wanted=bool(target))

    do_GET = do_PUT = do_HEAD = do_POST  # noqa: N815 - http.server's names

    def _refuse(self, error: RefusalError, *, json_wanted: bool) -> None:
        if json_wanted:
            self._send(400, json.dumps({"__type": error.code, "message": str(error)}))
            return
        status = 404 if error.code == "404" else 400
        text = f"<Code>{error.code}</Code><Message>{escape(str(error))}</Message>"
        self._send(status, f"<ErrorResponse><Error>{text}</Error></ErrorResponse>")

    def _send(self, status: int, text: str) -> None:
        content = text.encode()
        self.send_response_only(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Date", self.date_time_string())
        self.send_header("x-amz-request-id", "0123456789ABCDEF")  # identifies S3
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def _nested(flat: Mapping[str, str]) -> dict[str, Any]:
    """The query protocol's lists: "Tags.member.1.Key" of objects, "Arns.member.1" of texts."""
    found: dict[str, Any] = {}
    for name, value in flat.items():
        match name.split("."):
            case [plain]:
                found[plain] = value
            case [plain, "member", number]:
                found.setdefault(plain, {})[int(number)] = value
            case [plain, "member", number, key]:
                found.setdefault(plain, {}).setdefault(int(number), {})[key] = value
    return {
        name: [value[key] for key in sorted(value)] if isinstance(value, dict) else value
        for name, value in found.items()
    }


def _xml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "".join(f"<{name}>{_xml(part)}</{name}>" for name, part in value.items())
    if isinstance(value, list):
        return "".join(f"<member>{_xml(part)}</member>" for part in value)
    return escape(str(value).lower() if isinstance(value, bool) else str(value))
