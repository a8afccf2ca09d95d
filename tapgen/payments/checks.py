"""Checks of the payments platform's settings, within and between environments."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from functools import cache
from ipaddress import IPv4Address, IPv4Network
from typing import Final

from tapgen.payments.copying import COPYING
from tapgen.payments.limits import (
    CALLED_BY_FUNCTIONS,
    DOMAIN_CHARACTERS,
    FEWER_ZONES,
    GATEWAY_ENDPOINTS,
    PRIVATE_RANGES,
    RESERVED_IN_BUCKETS,
)
from tapgen.settings.base import prefix_of
from tapgen.settings.checks.cross_checks import equal_pairs
from tapgen.settings.checks.rules import Checks, Merged, Rule, Verdict
from tapgen.settings.faults import Fault

# In prefixes of user pool domains (Cognito developer guide, "Using the Amazon Cognito domain").
_RESERVED_IN_DOMAINS: Final = ("aws", "amazon", "cognito")


# --- between settings of one environment ----------------------------------------------------------


def _not_below(upper: str, lower: str) -> Rule:
    def judge(high: int, low: int) -> Verdict:
        return (f"{high} is below {lower}", f"at least {low}") if high < low else None

    return Rule((upper, lower), judge)


def _recovery_where_protected(recovery: bool, protection: bool) -> Verdict:
    if protection and not recovery:
        return "must be on if protection is on", "set it to true"
    return None


def _authorization_where_protected(authorization: str, protection: bool) -> Verdict:
    if protection and authorization == "none":
        return "must not be none if protection is on: anyone could pay", "set it to cognito"
    return None


def _duration_within_timeout(threshold: int, timeout: int) -> Verdict:
    if threshold > timeout * 1000:
        message = f"{threshold} ms is never reached: functions time out after {timeout} s"
        return message, f"at most {timeout * 1000}"
    return None


def _parent_zone_with_domain(parent: str | None, domain: str | None) -> Verdict:
    if parent and not domain:
        return "needs a domain to delegate", "set domain too, or remove this setting"
    return None


def endpoints_without_nat(called: Collection[str]) -> Rule:
    """Without NAT, each service in `called`, which the functions call, needs an endpoint."""

    def judge(endpoints: tuple[str, ...], nat: str) -> Verdict:
        missing = [name for name in called if name not in {*GATEWAY_ENDPOINTS, *endpoints}]
        if nat == "none" and missing:
            message = f"without NAT the functions cannot reach {', '.join(missing)}"
            return message, "add them, or set network.nat to single or per-az"
        return None

    return Rule(("network.interface_endpoints", "network.nat"), judge)


def _domain_fits_certificate(domain: str | None) -> Verdict:
    if domain and len(domain) > DOMAIN_CHARACTERS:
        message = f"has {len(domain)} characters, but the first name of a certificate"
        return f"{message} may have {DOMAIN_CHARACTERS}", "choose a shorter one"
    return None


def _zones_are_enough(zone_ids: str | None, count: int) -> Verdict:
    zones = set(zone_ids.split(",")) if zone_ids else set()
    if zones and len(zones) < count:
        message = f"lists {len(zones)} zones, but network.availability_zones is {count}"
        return message, f"list at least {count} different zones"
    return None


def _zones_exist(count: int, region: str, zone_ids: str | None) -> Verdict:
    """An account with more zones than a new one must list them."""
    there = FEWER_ZONES.get(region, count)
    if count > there and not zone_ids:
        message = f"{count} zones, but a new account has {there} in {region}"
        return message, f"set it to {there}, or list the account's zones in network.zone_ids"
    return None


def _cidr_is_a_network(cidr: str) -> Verdict:
    try:
        network = IPv4Network(cidr, strict=False)
    except ValueError:
        return f"{cidr} is not an IPv4 range", "for instance 10.10.0.0/16"
    if str(network) != cidr:
        return f"{cidr} has bits set beyond its prefix", f"write {network}"
    if not any(network.subnet_of(block) for block in _private()):
        return f"{cidr} is not private", f"choose one in {', '.join(PRIVATE_RANGES)}"
    return None


@cache
def _private() -> tuple[IPv4Network, ...]:
    return tuple(map(IPv4Network, PRIVATE_RANGES))


def _prefix_names_no_service(
    name: str, project: str, stack_prefix: str | None, authorization: str
) -> Verdict:
    """The user pool's domain starts with the prefix."""
    prefix = prefix_of(project, name, stack_prefix)
    reserved = [word for word in _RESERVED_IN_DOMAINS if word in prefix]
    if authorization == "cognito" and reserved:
        message = f"Cognito does not allow {reserved[0]} in a domain, but the prefix is {prefix}"
        return message, "choose another name or project, or set stack_prefix"
    return None


def _prefix_begins_no_reserved_name(project: str, name: str, stack_prefix: str | None) -> Verdict:
    """Bucket names start with the prefix and a hyphen."""
    prefix = prefix_of(project, name, stack_prefix)
    for reserved in RESERVED_IN_BUCKETS:
        if f"{prefix}-".startswith(reserved):
            message = (
                f"S3 reserves bucket names that start with {reserved}, but the prefix is {prefix}"
            )
            return message, "choose another project, or set stack_prefix"
    return None


# --- between environments -------------------------------------------------------------------------


def _share_logging(
    environments: Mapping[str, Merged], involved: AbstractSet[str]
) -> Iterator[Fault]:
    owners = {
        name: values
        for name, merged in environments.items()
        if (values := merged.values("account_id", "region", "api.manage_account_logging"))
        and values[2]
    }
    for first, second in equal_pairs(owners, involved):
        where = environments[first].place("account_id")
        yield Fault(
            environments[second].place("account_id"),
            "api.manage_account_logging",
            f"{second} and {first} ({where}) both manage the API logging of account "
            f"{owners[first][0]}",
            "it exists once per account and region: set it to false in one of them",
        )


def _share_domain(
    environments: Mapping[str, Merged], involved: AbstractSet[str]
) -> Iterator[Fault]:
    """CloudFront accepts an alias only once, over all accounts."""
    domains = {
        name: values[0]
        for name, merged in environments.items()
        if (values := merged.values("domain")) and values[0]
    }
    for first, second in equal_pairs(domains, involved):
        where = environments[first].place("domain")
        yield Fault(
            environments[second].place("domain"),
            "domain",
            f"{second} and {first} ({where}) both use {domains[first]}",
            f"CloudFront allows a domain only once: use for instance {second}.{domains[first]}",
        )


def _overlap(environments: Mapping[str, Merged], involved: AbstractSet[str]) -> Iterator[Fault]:
    networks = {}
    for name, merged in environments.items():
        if values := merged.values("network.cidr"):
            with suppress(ValueError):  # reported by the environment's own check
                networks[name] = IPv4Network(*values)
    order = list(networks)
    for pair in _overlapping(networks):
        if involved.isdisjoint(pair):
            continue
        first, second = sorted(pair, key=order.index)
        where = environments[first].place("network.cidr")
        yield Fault(
            environments[second].place("network.cidr"),
            "network.cidr",
            f"{networks[second]} of {second} overlaps {networks[first]} of {first} ({where})",
            "use a separate range for each environment",
        )


def _overlapping(networks: Mapping[str, IPv4Network]) -> Iterator[tuple[str, str]]:
    """Yield each network that is part of another one, with the widest such network.

    If two networks overlap, one contains the other. They are sorted by start, the wider first, so
    the networks that contain one come before it and have not ended yet.
    """
    open_: list[str] = []
    for name in sorted(networks, key=lambda one: _place(networks[one])):
        begin = networks[name].network_address
        while open_ and networks[open_[-1]].broadcast_address < begin:
            open_.pop()
        if open_:
            yield open_[0], name
        open_.append(name)


def _place(network: IPv4Network) -> tuple[IPv4Address, int]:
    return network.network_address, network.prefixlen


CHECKS: Final = Checks(
    rules=(
        _not_below("data.read_capacity_max", "data.read_capacity"),
        _not_below("data.write_capacity_max", "data.write_capacity"),
        _not_below("api.throttle_burst", "api.throttle_rate"),
        Rule(("data.point_in_time_recovery", "protection"), _recovery_where_protected),
        Rule(("api.authorization", "protection"), _authorization_where_protected),
        Rule(
            ("alarms.function_duration_p99_ms", "functions.timeout_seconds"),
            _duration_within_timeout,
        ),
        Rule(("parent_zone_id", "domain"), _parent_zone_with_domain),
        Rule(("domain",), _domain_fits_certificate),
        endpoints_without_nat(CALLED_BY_FUNCTIONS),
        Rule(("network.zone_ids", "network.availability_zones"), _zones_are_enough),
        Rule(("network.availability_zones", "region", "network.zone_ids"), _zones_exist),
        Rule(("network.cidr",), _cidr_is_a_network),
        Rule(("name", "project", "stack_prefix", "api.authorization"), _prefix_names_no_service),
        Rule(("project", "name", "stack_prefix"), _prefix_begins_no_reserved_name),
    ),
    together=(_share_logging, _share_domain, _overlap),
    # Capacity, memory and retention (docs/platform.md): what was tested in one stage must fit the
    # next.
    never_shrinks=(
        "data.read_capacity",
        "data.read_capacity_max",
        "data.write_capacity",
        "data.write_capacity_max",
        "functions.memory_mb",
        "retention.logs_days",
        "retention.cloudwatch_days",
    ),
    overview=("domain",),
    copying=COPYING,
)
