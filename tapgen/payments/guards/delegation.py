"""Is the domain's hosted zone reachable from public DNS? Without that no certificate is issued."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from tapgen.errors import TapgenError

# The layer that waits for public DNS, and the one that says which name servers DNS has to name.
CERTIFICATE: Final = "certificate"
ZONE: Final = "zone"
_SECONDS: Final = 10.0


def check_delegation(domain: str, expected: Collection[str]) -> None:
    """Raise `TapgenError` with the name servers to enter unless public DNS names the zone's own."""
    wanted = {_normal(name) for name in expected}
    found = _name_servers(domain)
    if found & wanted:
        return
    listed = "\n".join(f"  {domain}. NS {name}" for name in sorted(wanted))
    seen = (
        f"public DNS names {', '.join(sorted(found))}" if found else "public DNS has no such zone"
    )
    raise TapgenError(
        f"{domain} is not delegated to its hosted zone ({seen}), so its certificate would never be "
        f"validated. Enter these records in the parent zone or at the registrar:\n{listed}",
        "Then deploy again. --skip-delegation-check goes on without this check.",
    )


def validation_hint(command: Callable[[str], str]) -> str:
    """What to do about a certificate that was not validated in time."""
    return (
        "Check that the domain's name servers at the registrar or in the parent zone are those of "
        f"the zone stack (`{command('outputs')}`), then run `{command('deploy')}` again."
    )


def _name_servers(domain: str) -> set[str]:
    from dns.exception import DNSException
    from dns.resolver import NXDOMAIN, NoAnswer, resolve

    try:
        return {_normal(str(record)) for record in resolve(domain, "NS", lifetime=_SECONDS)}
    except (NXDOMAIN, NoAnswer):
        return set()
    except DNSException as error:
        raise TapgenError(
            f"public DNS gave no answer about {domain}: {error}",
            "Check this machine's network and its resolver. "
            "--skip-delegation-check goes on without asking.",
        ) from error


def _normal(name: str) -> str:
    return name.strip().rstrip(".").lower()
