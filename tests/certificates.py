"""Certificates that servers of tests show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LOCAL: Final = "127.0.0.1"
SOMEBODY: Final = (x509.NameAttribute(NameOID.COMMON_NAME, "Somebody"),)


def certificate(  # noqa: PLR0913 - all but the first have defaults
    folder: Path,
    issuer: tuple[x509.NameAttribute[str], ...] = SOMEBODY,
    *,
    key: Any = None,
    algorithm: Any = None,
    names: tuple[str, ...] | None = (),
    days: float = 2,
) -> Path:
    """A certificate of 127.0.0.1 and `names` that it has issued itself, with its key, in one file.

    It has no names at all if they are None. The key is one of P-256, and signs with SHA-256;
    `algorithm` is None for keys that have theirs.
    """
    own = key is None
    key = key or ec.generate_private_key(ec.SECP256R1())
    begin = datetime.now(UTC) - timedelta(days=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(issuer))
        .issuer_name(x509.Name(issuer))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    if names is not None:
        every = [x509.IPAddress(ip_address(LOCAL)), *map(x509.DNSName, names)]
        builder = builder.add_extension(x509.SubjectAlternativeName(every), critical=False)
    made = builder.sign(key, hashes.SHA256() if own else algorithm)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "certificate.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path
