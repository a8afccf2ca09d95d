"""A server's certificate: the traits that the certificates of all environments should share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID, SignatureAlgorithmOID

# Maximum validity of public certificates in days, now and in coming years (CA/Browser Forum, ballot
# SC-081v3). The exact validity depends on the day of the renewal.
_MOST_DAYS: Final = (47, 100, 200, 398)


def certificate_traits(der: bytes, host: str) -> Iterator[tuple[str, str]]:
    """Trait and value of the certificate of `host`, read from its DER."""
    certificate = x509.load_der_x509_certificate(der)
    yield "certificate issuer", _organization(certificate.issuer)
    yield "certificate key", _key(certificate)
    yield "certificate signature", _signature(certificate)
    yield "certificate validity", _validity(certificate)
    yield "certificate names", ", ".join(sorted({_without(host, n) for n in _names(certificate)}))


def _organization(issuer: x509.Name) -> str:
    """The issuer's organization, without the name of the key that signed."""
    for kind in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME):
        for attribute in issuer.get_attributes_for_oid(kind):
            return str(attribute.value)
    return ""


def _key(certificate: x509.Certificate) -> str:
    """The kind of key and its size or curve; for kinds that ACM does not issue, the number."""
    match certificate.public_key():
        case rsa.RSAPublicKey() as key:
            return f"RSA {key.key_size}"
        case ec.EllipticCurvePublicKey() as key:
            return f"EC {key.curve.name}"
    return certificate.public_key_algorithm_oid.dotted_string


def _signature(certificate: x509.Certificate) -> str:
    """The signature algorithm, such as "ECDSA with SHA256"; its number if it has no name."""
    wanted = certificate.signature_algorithm_oid
    named = (name for name, oid in vars(SignatureAlgorithmOID).items() if oid == wanted)
    return next(named, wanted.dotted_string).replace("_WITH_", " with ").replace("_", " ")


def _validity(certificate: x509.Certificate) -> str:
    valid = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    most = next((days for days in _MOST_DAYS if valid <= timedelta(days)), None)
    return f"at most {most} days" if most else f"more than {_MOST_DAYS[-1]} days"


def _names(certificate: x509.Certificate) -> Iterator[str]:
    for extension in certificate.extensions:
        if isinstance(extension.value, x509.SubjectAlternativeName):
            yield from (str(name.value) for name in extension.value)


def _without(host: str, name: str) -> str:
    """The name, with placeholders for the environment's own parts."""
    if name == host:
        return "{host}"
    if name.endswith(f".{host}"):
        return f"{name.removesuffix(host)}{{host}}"
    parent = host.partition(".")[2]
    return "*.{parent of host}" if parent and name == f"*.{parent}" else name
