"""How an environment is reached, seen from a client's side of a real connection."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from tapgen.deploy.observe.live.tls import connection_traits
from tests.certificates import LOCAL, SOMEBODY, certificate


def here(url: str) -> tuple[str, dict[str, str]]:
    return url, {}


@contextmanager
def serving(path: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
    with socket.create_server((LOCAL, 0)) as server:

        def shake_hands() -> None:
            connection, _ = server.accept()
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

        thread = threading.Thread(target=shake_hands)
        thread.start()
        yield f"https://{LOCAL}:{server.getsockname()[1]}"
        thread.join()


@pytest.mark.parametrize(
    ("issuer", "told"),
    [
        (
            (
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Amazon"),
                x509.NameAttribute(NameOID.COMMON_NAME, "Amazon RSA 2048 M03"),
            ),
            "Amazon",
        ),
        (SOMEBODY, "Somebody"),
    ],
)
def test_of_tls_it_is_what_both_sides_agree_on(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    issuer: tuple[x509.NameAttribute[str], ...],
    told: str,
) -> None:
    path = certificate(tmp_path, issuer)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with serving(path) as url:
        assert dict(connection_traits(url, here)) == {
            "protocol": "https",
            "TLS version": "TLSv1.2",
            "TLS cipher": "ECDHE-ECDSA-AES128-GCM-SHA256",
            "certificate issuer": told,
            "certificate key": "EC secp256r1",
            "certificate signature": "ECDSA with SHA256",
            "certificate validity": "at most 47 days",
            "certificate names": "{host}",
        }


def test_a_certificate_that_nobody_trusts_is_no_connection(tmp_path: Path) -> None:
    path = certificate(tmp_path)
    with serving(path) as url, pytest.raises(OSError, match="certificate verify failed"):
        dict(connection_traits(url, here))


def test_behind_a_proxy_the_protocol_is_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    assert dict(connection_traits("https://pay.example.com/", here)) == {"protocol": "https"}


def test_what_is_no_http_has_no_connection() -> None:
    assert dict(connection_traits("", here)) == {}


def test_what_is_served_without_tls_says_so() -> None:
    def local(_: str) -> tuple[str, dict[str, str]]:
        return "http://127.0.0.1:1", {}

    assert dict(connection_traits("https://pay.example.com/", local)) == {"protocol": "http"}
