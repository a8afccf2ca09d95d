"""Webhooks: where they may be, what is sent, and that their address is never told."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.error import URLError

import pytest

from tapgen.aws.notices import webhook
from tapgen.aws.notices.webhook import Address, address_of, send
from tapgen.errors import TapgenError
from tapgen.model.receiver import Webhook
from tests.certificates import certificate
from tests.serving import running_server

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab import Lab

PATH = "/services/sesame"


class Hook:
    """A webhook on this machine that answers as it is told to, then with 200."""

    def __init__(self, *answers: int, context: ssl.SSLContext | None = None) -> None:
        self.received: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.answers = [*answers]
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.received.append(json.loads(body))
                hook.paths.append(self.path)
                code = hook.answers.pop(0) if hook.answers else 200
                self.send_response(code)
                if code == 302:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST  # noqa: N815 - the name is http.server's

            def log_message(self, *_: Any) -> None:
                """Tests say what is wrong."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        scheme = "https" if context else "http"
        self.url = f"{scheme}://127.0.0.1:{self.server.server_port}{PATH}"


@contextmanager
def hook(*answers: int, context: ssl.SSLContext | None = None) -> Iterator[Hook]:
    """A webhook while it is needed."""
    made = Hook(*answers, context=context)
    with running_server(made.server):
        yield made


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "_PAUSE_SECONDS", 0.0)


def refusal(address: Address) -> TapgenError:
    with pytest.raises(TapgenError) as caught:
        send(address, {"text": "hello"})
    told = f"{caught.value.message} {caught.value.hint} {caught.value!r}"
    assert "sesame" not in told
    assert caught.value.__cause__ is None
    return caught.value


def test_it_is_sent_as_json() -> None:
    with hook() as there:
        send(Address(there.url), {"text": "hällo"})
        assert there.received == [{"text": "hällo"}]


@pytest.mark.parametrize("code", [500, 503, 429])
def test_once_more_where_that_may_help(code: int) -> None:
    with hook(code) as there:
        send(Address(there.url), {})
        assert len(there.received) == 2


def test_not_for_ever() -> None:
    with hook(500, 503, 500) as there:
        assert refusal(Address(there.url)).message == "the webhook answered 503"
        assert len(there.received) == 2


@pytest.mark.parametrize("code", [400, 404, 410])
def test_a_refusal_is_one(code: int) -> None:
    with hook(code) as there:
        error = refusal(Address(there.url))
        assert error.message == f"the webhook answered {code}"
        assert error.hint == "Check that the secret still has the webhook's current address."
        assert len(there.received) == 1


def test_it_is_sent_nowhere_else() -> None:
    with hook(302) as there:
        assert refusal(Address(there.url)).message == "the webhook answered 302"
        assert there.paths == [PATH]


def test_nobody_there_is_told_without_the_address() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}{PATH}"
    assert (
        refusal(Address(url)).message == "the webhook cannot be reached: the connection was refused"
    )


def test_one_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        error = refusal(Address(f"http://127.0.0.1:{silent.getsockname()[1]}{PATH}"))
    assert error.message == "the webhook gave no answer within 0 s"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (URLError(socket.gaierror(-2, "sesame")), "the host name in its address is not known"),
        (URLError(ssl.SSLCertVerificationError("sesame")), "its TLS certificate is not valid"),
        (ConnectionResetError("sesame"), "cannot be reached (ConnectionResetError)"),
        (URLError("sesame"), "cannot be reached (str)"),
    ],
)
def test_whatever_is_wrong_is_told_without_the_address(
    monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    class Opener:
        def open(self, *_: Any, **__: Any) -> None:
            raise error

    monkeypatch.setattr(webhook, "build_opener", lambda *_: Opener())
    assert words in refusal(Address(f"https://example.com{PATH}")).message


def test_an_address_shows_itself_to_nobody() -> None:
    address = Address(f"https://Hooks.Example.com{PATH}")
    assert repr(address) == "Address()"
    assert address.host == "hooks.example.com"


# --- over TLS -------------------------------------------------------------------------------------


def test_over_tls_only_to_whom_the_certificate_is_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    with hook(context=context) as there:
        assert "cannot be trusted" in refusal(Address(there.url)).message
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        send(Address(there.url), {"text": "hello"})
        assert there.received == [{"text": "hello"}]


# --- the secret -----------------------------------------------------------------------------------


def kept(lab: Lab, value: str) -> Webhook:
    lab.client("secretsmanager").create_secret(Name="chat", SecretString=value)
    return Webhook("chat")


def read(lab: Lab, webhook: Webhook) -> Address:
    return address_of(
        lab.target(lab.stack("data", {"Note": lab.note()})).account, webhook, "us-east-1"
    )


@pytest.mark.parametrize(
    "url", ["https://example.com/sesame", "http://127.0.0.1:8000/sesame", "http://localhost/sesame"]
)
def test_the_address_is_read_from_the_secret(lab: Lab, url: str) -> None:
    assert read(lab, kept(lab, f"{url}\n")).url == url


@pytest.mark.parametrize(
    "value",
    [
        "http://example.com/sesame",
        '{"url": "https://example.com/sesame"}',
        "https:///sesame",
        "https://example.com:port/sesame",
        "https://example.com:0/sesame",
        "https://example.com/ sesame",
        "https://exämple.com/sesame",
        "ftp://example.com/sesame",
        "sesame",
    ],
)
def test_what_is_no_address_is_told_and_not_shown(lab: Lab, value: str) -> None:
    secret = kept(lab, value)
    with pytest.raises(TapgenError) as caught:
        read(lab, secret)
    assert caught.value.message == "the value of the secret chat is not the address of a webhook"
    assert "sesame" not in f"{caught.value} {caught.value.hint}"


def test_a_secret_that_is_not_there_is_told(lab: Lab) -> None:
    with pytest.raises(TapgenError, match="from the secret chat: ResourceNotFoundException"):
        read(lab, Webhook("chat"))


def test_only_the_local_aws_may_name_this_machine_without_tls() -> None:
    from tapgen.aws.notices.webhook import _is_address

    url = "http://127.0.0.1:8000/"
    assert [_is_address(url, local=local) for local in (True, False)] == [True, False]
