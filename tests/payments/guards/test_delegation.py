"""The delegation check, against a DNS server of our own."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from tapgen.errors import TapgenError
from tapgen.payments.guards import delegation
from tapgen.payments.guards.delegation import check_delegation, validation_hint
from tests.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

DELEGATED = "dev.example.com"
SERVERS = ["NS-1.aws.org.", "ns-2.aws.com"]


def is_delegated(domain: str, servers: list[str]) -> bool:
    try:
        check_delegation(domain, servers)
    except TapgenError:
        return False
    return True


def answer(wire: bytes) -> bytes:
    """What public DNS says: a delegated zone, one without name servers, and nothing else."""
    query = dns.message.from_wire(wire)
    response = dns.message.make_response(query)
    response.flags |= dns.flags.RA
    name = query.question[0].name.to_text(omit_final_dot=True)
    if name == DELEGATED:
        names = ["ns-1.aws.org.", "ns-9.old.org."]
        response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "NS", *names))
    elif name == "broken.example.com":
        response.set_rcode(dns.rcode.SERVFAIL)
    elif name != "empty.example.com":
        response.set_rcode(dns.rcode.NXDOMAIN)
    return response.to_wire()


@pytest.fixture(autouse=True)
def public_dns(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            wire, client = server.recvfrom(4096)
            if not wire:
                return
            server.sendto(answer(wire), client)

    thread = threading.Thread(target=serve)
    thread.start()
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], server.getsockname()[1]
    monkeypatch.setattr(dns.resolver, "default_resolver", resolver)
    monkeypatch.setattr(delegation, "_SECONDS", PATIENCE_SECONDS)
    yield
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
        last.sendto(b"", server.getsockname())
    thread.join()
    server.close()


def test_one_name_server_of_the_zone_is_enough() -> None:
    assert is_delegated(DELEGATED, SERVERS)
    assert not is_delegated(DELEGATED, SERVERS[1:])


@pytest.mark.parametrize("domain", ["absent.example.com", "empty.example.com"])
def test_a_zone_that_is_not_delegated_names_the_records_to_enter(domain: str) -> None:
    with pytest.raises(TapgenError) as raised:
        check_delegation(domain, SERVERS)
    assert "(public DNS has no such zone)" in raised.value.message
    assert raised.value.message.endswith(
        f"  {domain}. NS ns-1.aws.org\n  {domain}. NS ns-2.aws.com"
    )
    assert "--skip-delegation-check" in raised.value.hint


def test_a_zone_that_is_delegated_elsewhere_says_where_to() -> None:
    with pytest.raises(TapgenError, match=r"public DNS names ns-1\.aws\.org, ns-9\.old\.org"):
        check_delegation(DELEGATED, ["ns-3.aws.net"])


def test_a_resolver_that_does_not_answer_is_told_apart() -> None:
    with pytest.raises(TapgenError, match="public DNS gave no answer about broken") as raised:
        check_delegation("broken.example.com", SERVERS)
    assert "resolver" in raised.value.hint


def test_a_validation_that_takes_too_long_points_to_the_name_servers() -> None:
    hint = validation_hint(lambda verb: f"tapgen {verb} --env dev")
    assert "`tapgen outputs --env dev`" in hint
    assert "`tapgen deploy --env dev`" in hint
