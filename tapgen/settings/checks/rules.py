"""Rules between settings of one environment, and between environments.

Each rule says which settings it looks at and is skipped where one of them is missing or faulty, so
that one mistake is reported once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from ipaddress import IPv4Network
from typing import Any, Final, NamedTuple

from tapgen.model.limits import INTERFACE_ENDPOINTS, PREFIX
from tapgen.settings.base import prefix_of
from tapgen.settings.faults import Fault, Source
from tapgen.settings.fields import fields
from tapgen.settings.parsing.document import Entries, Faulty

# (message, hint) of what is wrong, or nothing.
Verdict = tuple[str, str] | None


class Rule(NamedTuple):
    """A condition on the values of `needs`; the first of them is blamed."""

    needs: tuple[str, ...]
    judge: Callable[..., Verdict]


def check(entries: Entries) -> Iterator[Fault]:
    """Yield what is wrong between the settings of one environment."""
    for rule in RULES:
        values = values_of(entries, rule.needs)
        if values is not None and (verdict := rule.judge(*values)):
            yield Fault(place(entries, *rule.needs), rule.needs[0], *verdict)


def values_of(entries: Entries, settings: tuple[str, ...]) -> tuple[Any, ...] | None:
    """Return the values of `settings`, None for an optional one left out; nothing if unusable."""
    values = []
    for setting in settings:
        written = entries.get(setting)
        value = written.value if written else None
        if isinstance(value, Faulty) or (value is None and fields()[setting].required):
            return None
        values.append(value)
    return tuple(values)


def place(entries: Entries, *settings: str) -> Source | None:
    """Return where the first of `settings` that is written anywhere is written."""
    return next((entries[setting].source for setting in settings if setting in entries), None)


def _not_below(upper: str, lower: str) -> Rule:
    def judge(high: int, low: int) -> Verdict:
        return (f"{high} is below {lower}", f"at least {low}") if high < low else None

    return Rule((upper, lower), judge)


def _recovery_where_protected(recovery: bool, protection: bool) -> Verdict:
    if protection and not recovery:
        return "must be on where protection is on", "write true"
    return None


def _express_without_protection(express: bool | None, protection: bool) -> Verdict:
    if express and protection:
        message = "must be off where protection is on: stacks would count as done too early"
        return message, "write false, or leave it out"
    return None


def _authorization_where_protected(authorization: str, protection: bool) -> Verdict:
    if protection and authorization == "none":
        return "must not be none where protection is on: anybody could pay", "write cognito"
    return None


def _duration_within_timeout(threshold: int, timeout: int) -> Verdict:
    if threshold > timeout * 1000:
        message = f"{threshold} ms is never reached: functions time out after {timeout} s"
        return message, f"at most {timeout * 1000}"
    return None


def _parent_zone_with_domain(parent: str | None, domain: str | None) -> Verdict:
    if parent and not domain:
        return "needs a domain to delegate", "set domain too, or leave this out"
    return None


def _endpoints_without_nat(endpoints: tuple[str, ...], nat: str) -> Verdict:
    missing = [service for service in INTERFACE_ENDPOINTS if service not in endpoints]
    if nat == "none" and missing:
        message = f"without NAT the functions cannot reach {', '.join(missing)}"
        return message, "add them, or set network.nat to single or per-az"
    return None


def _cidr_is_a_network(cidr: str) -> Verdict:
    try:
        network = IPv4Network(cidr, strict=False)
    except ValueError:
        return f"{cidr} is not an IPv4 range", "for instance 10.10.0.0/16"
    if str(network) != cidr:
        return f"{cidr} has bits set beyond its prefix", f"write {network}"
    if not any(network.subnet_of(block) for block in _private()):
        return f"{cidr} is not private", f"take it from {', '.join(_RFC_1918)}"
    return None


@cache
def _private() -> tuple[IPv4Network, ...]:
    return tuple(map(IPv4Network, _RFC_1918))


def _prefix_names_no_service(
    name: str, project: str, stack_prefix: str | None, authorization: str
) -> Verdict:
    """The domain of the user pool begins with the prefix."""
    prefix = prefix_of(project, name, stack_prefix)
    reserved = [word for word in _RESERVED_IN_DOMAINS if word in prefix]
    if authorization == "cognito" and reserved:
        message = f"Cognito takes no domain with {reserved[0]} in it, but the prefix is {prefix}"
        return message, "choose another name or project, or set stack_prefix"
    return None


def _prefix_fits(name: str, project: str, stack_prefix: str | None) -> Verdict:
    prefix = prefix_of(project, name, stack_prefix)
    if not re.search(PREFIX, prefix):
        message = f"the stack prefix {prefix} is longer than 23 characters or ends in a hyphen"
        return message, "shorten name or project, or set stack_prefix"
    return None


# In prefixes of user pool domains (Cognito developer guide, "Using the Amazon Cognito domain").
_RESERVED_IN_DOMAINS: Final = ("aws", "amazon", "cognito")
_RFC_1918: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")

RULES: Final = (
    _not_below("data.read_capacity_max", "data.read_capacity"),
    _not_below("data.write_capacity_max", "data.write_capacity"),
    _not_below("api.throttle_burst", "api.throttle_rate"),
    Rule(("data.point_in_time_recovery", "protection"), _recovery_where_protected),
    Rule(("api.authorization", "protection"), _authorization_where_protected),
    Rule(
        ("alarms.function_duration_p99_ms", "functions.timeout_seconds"), _duration_within_timeout
    ),
    Rule(("deployment.express", "protection"), _express_without_protection),
    Rule(("parent_zone_id", "domain"), _parent_zone_with_domain),
    Rule(("network.interface_endpoints", "network.nat"), _endpoints_without_nat),
    Rule(("network.cidr",), _cidr_is_a_network),
    Rule(("name", "project", "stack_prefix"), _prefix_fits),
    Rule(("name", "project", "stack_prefix", "api.authorization"), _prefix_names_no_service),
)
