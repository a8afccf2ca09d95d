"""The guard of the domain's delegation: AWS issues no certificate if public DNS lacks the zone."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from tapgen.aws.cloudformation.change_sets import CREATE
from tapgen.deploy.guards.guard import Subject
from tapgen.deploy.target.target import Target
from tapgen.errors import TapgenError

# The layer that waits for public DNS, and the layer whose name servers DNS must return.
CERTIFICATE: Final = "certificate"
ZONE: Final = "zone"
SKIP: Final = "--skip-delegation-check"
_SECONDS: Final = 10.0


def check_delegation(subject: Subject) -> Iterator[str]:
    """Before the certificate is created, raise `TapgenError` unless public DNS leads to the zone.

    Yields what the deployment waits for. The local AWS has no public DNS, so it needs no lookup.
    """
    entry = subject.entry
    if entry is None or entry.stack.layer != CERTIFICATE or entry.kind != CREATE:
        return
    if SKIP in subject.lifted or subject.target.account.connection.local:
        yield "delegation of the domain is not checked"
    else:
        servers = subject.outputs(ZONE)["NameServers"].split(",")
        refuse_undelegated(entry.stack.parameters["DomainName"], servers)
    yield (
        "waiting for AWS to see the validation record in public DNS, "
        f"at most {entry.stack.deadline_minutes} minutes"
    )


def overdue(target: Target, layer: str) -> str:
    """Advice for a certificate that was not validated in time."""
    if layer != CERTIFICATE:
        return ""
    return (
        "Check that the domain's name servers at the registrar or in the parent zone are those of "
        f"the zone stack (`{target.command('outputs')}`)."
    )


def refuse_undelegated(domain: str, expected: Collection[str]) -> None:
    """Raise `TapgenError` with the name servers to enter, unless public DNS has the zone's."""
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
        f"Then deploy again. {SKIP} continues without this check.",
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
            f"public DNS did not answer for {domain}: {error}",
            f"Check this machine's network and its resolver. {SKIP} continues without this check.",
        ) from error


def _normal(name: str) -> str:
    return name.strip().rstrip(".").lower()
