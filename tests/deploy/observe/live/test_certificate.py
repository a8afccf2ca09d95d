"""What certificates of environments have in common, read from ones of every kind."""

from __future__ import annotations

import ssl
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from tapgen.deploy.observe.live.certificate import certificate_traits
from tests.certificates import LOCAL, certificate

if TYPE_CHECKING:
    from pathlib import Path

HOST = "dev.api.example.com"


def traits(path: Path, host: str = HOST) -> dict[str, str]:
    text = path.read_text()
    der = ssl.PEM_cert_to_DER_cert(text[text.index("-----BEGIN CERTIFICATE") :])
    return dict(certificate_traits(der, host))


RSA = partial(rsa.generate_private_key, 65537)
EC = ec.generate_private_key


@pytest.mark.parametrize(
    ("make", "algorithm", "found", "signature"),
    [
        (partial(RSA, 2048), hashes.SHA256(), "RSA 2048", "RSA with SHA256"),
        (partial(RSA, 3072), hashes.SHA512(), "RSA 3072", "RSA with SHA512"),
        (partial(EC, ec.SECP256R1()), hashes.SHA256(), "EC secp256r1", "ECDSA with SHA256"),
        (partial(EC, ec.SECP384R1()), hashes.SHA384(), "EC secp384r1", "ECDSA with SHA384"),
        (ed25519.Ed25519PrivateKey.generate, None, "1.3.101.112", "ED25519"),
        (
            partial(dsa.generate_private_key, 1024),
            hashes.SHA256(),
            "1.2.840.10040.4.1",
            "DSA with SHA256",
        ),
    ],
    ids=["RSA", "long RSA", "P-256", "P-384", "Ed25519", "DSA"],
)
def test_key_and_signature_are_told_by_their_kind_and_size(
    tmp_path: Path, make: Any, algorithm: Any, found: str, signature: str
) -> None:
    told = traits(certificate(tmp_path, key=make(), algorithm=algorithm))
    assert (told["certificate key"], told["certificate signature"]) == (found, signature)


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ({NameOID.ORGANIZATION_NAME: "Amazon", NameOID.COMMON_NAME: "Amazon RSA M03"}, "Amazon"),
        ({NameOID.COMMON_NAME: "Somebody"}, "Somebody"),
        ({NameOID.COUNTRY_NAME: "IE"}, ""),
    ],
)
def test_the_issuer_is_an_organization(tmp_path: Path, subject: Any, told: str) -> None:
    issuer = tuple(x509.NameAttribute(kind, value) for kind, value in subject.items())
    assert traits(certificate(tmp_path, issuer))["certificate issuer"] == told


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (47, "at most 47 days"),
        (47.1, "at most 100 days"),
        (200, "at most 200 days"),
        (398, "at most 398 days"),
        (398.1, "more than 398 days"),
    ],
)
def test_of_the_time_it_is_the_class(tmp_path: Path, days: float, told: str) -> None:
    assert traits(certificate(tmp_path, days=days))["certificate validity"] == told


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ((HOST,), f"{LOCAL}, {{host}}"),
        ((f"www.{HOST}", HOST), f"{LOCAL}, www.{{host}}, {{host}}"),
        (("*.api.example.com",), f"*.{{parent of host}}, {LOCAL}"),
        (("shop.example.com", f"*.{HOST}"), f"*.{{host}}, {LOCAL}, shop.example.com"),
        ((), LOCAL),
        (None, ""),
    ],
)
def test_names_are_told_without_the_host(
    tmp_path: Path, names: tuple[str, ...] | None, told: str
) -> None:
    assert traits(certificate(tmp_path, names=names))["certificate names"] == told


def test_a_host_without_a_domain_has_no_parent(tmp_path: Path) -> None:
    path = certificate(tmp_path, names=("*.", "localhost"))
    assert traits(path, "localhost")["certificate names"] == f"*., {LOCAL}, {{host}}"
