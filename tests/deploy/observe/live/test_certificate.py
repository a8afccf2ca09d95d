"""What certificates of environments have in common, read from ones of every kind."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa

from tapgen.deploy.observe.live.certificate import certificate_traits
from tests.certificates import certificate


def traits(path: Path, host: str = "dev.api.example.com", **told: Any) -> dict[str, str]:
    text = path.read_text()
    der = ssl.PEM_cert_to_DER_cert(text[text.index("-----BEGIN CERTIFICATE") :])
    issuer = ((("commonName", "Somebody"),),)
    times = {"notBefore": "Jan  1 00:00:00 2026 GMT", "notAfter": "Jul  1 00:00:00 2026 GMT"}
    return dict(certificate_traits({"issuer": issuer, **times, **told}, der, host))


@pytest.mark.parametrize(
    ("key", "algorithm", "found", "signature"),
    [
        (rsa.generate_private_key(65537, 2048), hashes.SHA256(), "RSA 2048", "RSA with SHA-256"),
        (rsa.generate_private_key(65537, 3072), hashes.SHA512(), "RSA 3072", "RSA with SHA-512"),
        (
            ec.generate_private_key(ec.SECP256R1()),
            hashes.SHA256(),
            "EC P-256",
            "ECDSA with SHA-256",
        ),
        (
            ec.generate_private_key(ec.SECP384R1()),
            hashes.SHA384(),
            "EC P-384",
            "ECDSA with SHA-384",
        ),
        (ed25519.Ed25519PrivateKey.generate(), None, "Ed25519", "Ed25519"),
        (
            dsa.generate_private_key(2048),
            hashes.SHA256(),
            "1.2.840.10040.4.1",
            "2.16.840.1.101.3.4.3.2",
        ),
    ],
    ids=["RSA", "long RSA", "P-256", "P-384", "Ed25519", "one without a name here"],
)
def test_key_and_signature_are_told_by_their_kind_and_size(
    tmp_path: Path, key: Any, algorithm: Any, found: str, signature: str
) -> None:
    told = traits(certificate(tmp_path, key=key, algorithm=algorithm))
    assert (told["certificate key"], told["certificate signature"]) == (found, signature)


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ("Feb 10 00:00:00 2026 GMT", "at most 47 days"),
        ("Jul 18 00:00:00 2026 GMT", "at most 200 days"),
        ("Jan 31 00:00:00 2027 GMT", "at most 398 days"),
        ("Jan  1 00:00:00 2028 GMT", "more than 398 days"),
    ],
)
def test_of_the_time_it_is_the_class(tmp_path: Path, end: str, told: str) -> None:
    assert traits(certificate(tmp_path), notAfter=end)["certificate validity"] == told


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["dev.api.example.com"], "{host}"),
        (["www.dev.api.example.com", "dev.api.example.com"], "www.{host}, {host}"),
        (["*.api.example.com"], "*.{parent of host}"),
        (["shop.example.com", "*.dev.api.example.com"], "*.{host}, shop.example.com"),
        ([], ""),
    ],
)
def test_names_are_told_without_the_host(tmp_path: Path, names: list[str], told: str) -> None:
    found = traits(certificate(tmp_path), subjectAltName=tuple(("DNS", name) for name in names))
    assert found["certificate names"] == told


def test_a_host_without_a_domain_has_no_parent(tmp_path: Path) -> None:
    names = (("DNS", "*."), ("DNS", "localhost"))
    assert traits(certificate(tmp_path), "localhost", subjectAltName=names)[
        "certificate names"
    ] == ("*., {host}")
