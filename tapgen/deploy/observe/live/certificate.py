"""A server's certificate: the traits that the certificates of all environments should share.

`ssl` returns names and times of a certificate, but neither key nor signature, and tapgen depends on
no library that does. This module reads as much of DER as they need (RFC 5280, 4.1).
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from typing import Any, Final

_LONG_LENGTH: Final = 0x80
_VERSION: Final = 0xA0
# RFC 3279, 4055, 5480, 5758 and 8410; others are shown by their number.
_OIDS: Final[Mapping[str, str]] = {
    "1.2.840.113549.1.1.1": "RSA",
    "1.2.840.10045.2.1": "EC",
    "1.3.101.112": "Ed25519",
    "1.2.840.10045.3.1.7": "P-256",
    "1.3.132.0.34": "P-384",
    "1.3.132.0.35": "P-521",
    "1.2.840.113549.1.1.10": "RSA-PSS",
    "1.2.840.113549.1.1.11": "RSA with SHA-256",
    "1.2.840.113549.1.1.12": "RSA with SHA-384",
    "1.2.840.113549.1.1.13": "RSA with SHA-512",
    "1.2.840.10045.4.3.2": "ECDSA with SHA-256",
    "1.2.840.10045.4.3.3": "ECDSA with SHA-384",
    "1.2.840.10045.4.3.4": "ECDSA with SHA-512",
}
# Maximum validity of public certificates in days, now and in coming years (CA/Browser Forum, ballot
# SC-081v3). The exact validity depends on the day of the renewal.
_MOST_DAYS: Final = (47, 100, 200, 398)
_DAY_SECONDS: Final = 86_400

Part = tuple[int, bytes]


def certificate_traits(told: Mapping[str, Any], der: bytes, host: str) -> Iterator[tuple[str, str]]:
    """Trait and value of the certificate of `host`, from `ssl` (`told`) and from its DER."""
    yield "certificate issuer", _organization(told)
    key, signature = _algorithms(der)
    yield "certificate key", key
    yield "certificate signature", signature
    yield "certificate validity", _validity(told)
    names = (value for _, value in told.get("subjectAltName", ()))
    yield "certificate names", ", ".join(sorted({_without(host, name) for name in names}))


def _organization(told: Mapping[str, Any]) -> str:
    """The issuer's organization, without the name of the key that signed."""
    issuer = {name: value for part in told["issuer"] for name, value in part}
    return str(issuer.get("organizationName") or issuer.get("commonName", ""))


def _validity(told: Mapping[str, Any]) -> str:
    begin, end = (ssl.cert_time_to_seconds(told[name]) for name in ("notBefore", "notAfter"))
    days = (end - begin) / _DAY_SECONDS
    most = next((each for each in _MOST_DAYS if days <= each), None)
    return f"at most {most} days" if most else f"more than {_MOST_DAYS[-1]} days"


def _without(host: str, name: str) -> str:
    """The name, with placeholders for the environment's own parts."""
    if name == host:
        return "{host}"
    if name.endswith(f".{host}"):
        return f"{name.removesuffix(host)}{{host}}"
    parent = host.partition(".")[2]
    return "*.{parent of host}" if parent and name == f"*.{parent}" else name


def _algorithms(der: bytes) -> tuple[str, str]:
    """The kind of key, and the signature algorithm."""
    ((_, whole),) = _parts(der)
    (_, told), (_, algorithm), _ = _parts(whole)
    fields = [content for tag, content in _parts(told) if tag != _VERSION]
    _serial, _signature, _issuer, _times, _subject, key, *_ = fields
    return _key(key), _oid(algorithm)


def _key(content: bytes) -> str:
    (_, algorithm), (_, bits) = _parts(content)
    kind = _oid(algorithm)
    if kind == "RSA":
        ((_, numbers),) = _parts(bits[1:])  # after the count of bits that are not used
        (_, modulus), _ = _parts(numbers)
        return f"{kind} {int.from_bytes(modulus).bit_length()}"
    if kind == "EC":
        return f"{kind} {_dotted(list(_parts(algorithm))[1][1])}"
    return kind


def _oid(algorithm: bytes) -> str:
    return _dotted(next(_parts(algorithm))[1])


def _dotted(content: bytes) -> str:
    """The name of an object identifier, or its number (X.690, 8.19)."""
    numbers, value = [], 0
    for byte in content:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(value)
            value = 0
    first = min(numbers[0] // 40, 2)
    text = ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))
    return _OIDS.get(text, text)


def _parts(data: bytes) -> Iterator[Part]:
    """Tag and content of each value (X.690, 8.1)."""
    place = 0
    while place < len(data):
        tag, length = data[place], data[place + 1]
        place += 2
        if length >= _LONG_LENGTH:
            count = length - _LONG_LENGTH
            length = int.from_bytes(data[place : place + count])
            place += count
        yield tag, data[place : place + length]
        place += length
