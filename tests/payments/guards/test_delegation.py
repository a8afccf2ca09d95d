"""The delegation guard, against a DNS server of our own and in deployments."""

from __future__ import annotations

import socket
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from tapgen.aws.account import Connection
from tapgen.deploy.flow.host import SILENT
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.target.durations import Durations
from tapgen.deploy.target.run import Run
from tapgen.errors import TapgenError
from tapgen.model.deployed.events import Created, Failed
from tapgen.model.layer import outputs_of
from tapgen.payments.guards import delegation
from tapgen.payments.guards.delegation import overdue, refuse_undelegated
from tests.deploy.run.chain import notes, once_stopped
from tests.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tapgen.model.stack import Stack
    from tests.lab import Lab

    Faults = Callable[[dict[str, Any]], None]

DELEGATED = "dev.example.com"
SERVERS = ["NS-1.aws.org.", "ns-2.aws.com"]


def is_delegated(domain: str, servers: list[str]) -> bool:
    try:
        refuse_undelegated(domain, servers)
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
        refuse_undelegated(domain, SERVERS)
    assert "(public DNS has no such zone)" in raised.value.message
    assert raised.value.message.endswith(
        f"  {domain}. NS ns-1.aws.org\n  {domain}. NS ns-2.aws.com"
    )
    assert "--skip-delegation-check" in raised.value.hint


def test_a_zone_that_is_delegated_elsewhere_says_where_to() -> None:
    with pytest.raises(TapgenError, match=r"public DNS names ns-1\.aws\.org, ns-9\.old\.org"):
        refuse_undelegated(DELEGATED, ["ns-3.aws.net"])


def test_a_resolver_that_does_not_answer_is_told_apart() -> None:
    with pytest.raises(TapgenError, match="public DNS did not answer for broken") as raised:
        refuse_undelegated("broken.example.com", SERVERS)
    assert "resolver" in raised.value.hint


# --- in a deployment ---------------------------------------------------------------------------


def with_domain(lab: Lab) -> tuple[Stack, Stack]:
    return (
        lab.stack("zone", {"Note": lab.note()}, outputs={"Id": "Z", "NameServers": "ns1.x,ns2.x"}),
        lab.stack(
            "certificate",
            {"Note": lab.note({"Ref": "Id"})},
            parameters={"DomainName": "dev.example.com"},
            inputs=outputs_of("zone", "Id"),
            deadline_minutes=45,
        ),
    )


def test_the_certificate_waits_for_a_delegation_but_not_locally(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def undelegated(domain: str, servers: list[str]) -> None:
        asked.append((domain, servers))
        raise TapgenError("not delegated", "enter these")

    monkeypatch.setattr(delegation, "refuse_undelegated", undelegated)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", lab.account)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    like_aws = Connection(endpoint_url=lab.local.endpoint_url)
    stacks = with_domain(lab)
    target = lab.target(*stacks, connection=like_aws)
    run = Run.on(target, durations=Durations())  # not those of whoever runs this
    deployment = Deployment(run, target.graph)
    deployment.carry_out(lab.plan(deployment), SILENT)
    assert deployment.outcomes["certificate"] == Failed(
        "not delegated", hint="enter these", refused=True
    )
    assert asked == [("dev.example.com", ["ns1.x", "ns2.x"])]
    assert lab.status("certificate") == "ABSENT"

    ran = lab.deploy(*stacks)
    assert isinstance(ran.outcomes["certificate"], Created)
    assert notes(ran.events)[:2] == [
        "delegation of the domain is not checked",
        "waiting for AWS to see the validation record in public DNS, at most 45 minutes",
    ]
    # An existing certificate is validated already.
    changed = replace(stacks[1], tags={**stacks[1].tags, "Owner": "x"})
    assert "delegation of the domain is not checked" not in notes(
        lab.deploy(stacks[0], changed).events
    )


def test_only_a_certificate_waits_for_name_servers(lab: Lab) -> None:
    zone, certificate = with_domain(lab)
    target = lab.target(zone, certificate)
    assert overdue(target, "zone") == ""
    assert "`tapgen outputs --env lab --local`" in overdue(target, "certificate")


@pytest.mark.slow
def test_a_validation_that_takes_too_long_points_to_the_name_servers(
    lab: Lab, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = lab.stack("certificate", {"Note": lab.note()}, deadline_minutes=0)
    faults({"hold": ["Note"]})
    once_stopped(monkeypatch, faults)
    ran = lab.deploy(late, lifted=frozenset({"--skip-delegation-check"}))
    outcome = ran.outcomes["certificate"]
    assert isinstance(outcome, Failed)
    assert outcome.reason == "certificate was not done after 0 minutes and was cancelled"
    assert "`tapgen outputs --env lab --local`" in outcome.hint
    assert "not done after 0 minutes: cancelling" in notes(ran.events)
    assert lab.status("certificate") == "ABSENT"
