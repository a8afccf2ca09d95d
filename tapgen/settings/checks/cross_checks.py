"""Rules between environments: they share no names, no addresses, and sizing follows promotion.

Domains are not compared: accounts may each hold a zone of the same name, and a copied environment
must be deployable with only its name, account and CIDR edited.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network
from itertools import combinations, pairwise
from typing import Final

from tapgen.settings.base import prefix_of
from tapgen.settings.checks.rules import place, values_of
from tapgen.settings.faults import Fault
from tapgen.settings.names import STAGES
from tapgen.settings.parsing.document import Entries

# Capacity, memory and retention: what is proven in one stage must fit into the next
# (docs/platform.md).
NEVER_SHRINKS: Final = (
    "data.read_capacity",
    "data.read_capacity_max",
    "data.write_capacity",
    "data.write_capacity_max",
    "functions.memory_mb",
    "retention.logs_days",
    "retention.cloudwatch_days",
)

_PROMOTED: Final = "deployment.promoted_from"


def check_together(
    environments: Mapping[str, Entries], concerning: Sequence[str]
) -> Iterator[Fault]:
    """Yield what is wrong between environments, where one of `concerning` is involved."""
    involved = frozenset(concerning)
    for rule in (_share_names, _share_logging, _overlap):
        yield from rule(environments, involved)
    for setting in NEVER_SHRINKS:
        yield from _shrinks(environments, concerning, setting)
    for name in concerning:
        yield from _promoted(environments, name)


def _share_names(
    environments: Mapping[str, Entries], involved: AbstractSet[str]
) -> Iterator[Fault]:
    needs = ("account_id", "project", "name", "stack_prefix")
    owners = {
        name: (values[0], prefix_of(*values[1:]))
        for name, entries in environments.items()
        if (values := values_of(entries, needs))
    }
    for first, second in _pairs_of_equals(owners, involved):
        account, prefix = owners[first]
        where = place(environments[first], "account_id")
        yield Fault(
            place(environments[second], "account_id"),
            "account_id",
            f"{second} and {first} ({where}) both are {prefix} in account {account}",
            "give one of them another account or stack_prefix",
        )


def _share_logging(
    environments: Mapping[str, Entries], involved: AbstractSet[str]
) -> Iterator[Fault]:
    needs = ("account_id", "region", "api.manage_account_logging")
    owners = {
        name: values
        for name, entries in environments.items()
        if (values := values_of(entries, needs)) and values[2]
    }
    for first, second in _pairs_of_equals(owners, involved):
        where = place(environments[first], "account_id")
        yield Fault(
            place(environments[second], "account_id"),
            "api.manage_account_logging",
            f"{second} and {first} ({where}) both own the API logging of account "
            f"{owners[first][0]}",
            "it exists once per account and region: set it to false in one of them",
        )


def _pairs_of_equals(
    values: Mapping[str, Hashable], involved: AbstractSet[str]
) -> Iterator[tuple[str, str]]:
    """Yield the names of equal values by twos, in their order, where one of them is involved."""
    together: dict[Hashable, list[str]] = {}
    for name, value in values.items():
        together.setdefault(value, []).append(name)
    for names in together.values():
        yield from (pair for pair in combinations(names, 2) if not involved.isdisjoint(pair))


def _overlap(environments: Mapping[str, Entries], involved: AbstractSet[str]) -> Iterator[Fault]:
    networks = {}
    for name, entries in environments.items():
        if values := values_of(entries, ("network.cidr",)):
            with suppress(ValueError):  # reported by the environment's own check
                networks[name] = IPv4Network(*values)
    order = list(networks)
    for pair in _overlapping(networks):
        if involved.isdisjoint(pair):
            continue
        first, second = sorted(pair, key=order.index)
        where = place(environments[first], "network.cidr")
        yield Fault(
            place(environments[second], "network.cidr"),
            "network.cidr",
            f"{networks[second]} of {second} overlaps {networks[first]} of {first} ({where})",
            "give each environment a range of its own",
        )


def _overlapping(networks: Mapping[str, IPv4Network]) -> Iterator[tuple[str, str]]:
    """Yield the names of networks that overlap by twos.

    Of two that do, one holds the other. So, sorted by where they begin and the wider first, those
    that hold a network are the ones before it that have not ended yet.
    """
    open_: list[str] = []
    for name in sorted(networks, key=lambda one: _place(networks[one])):
        begin = networks[name].network_address
        while open_ and networks[open_[-1]].broadcast_address < begin:
            open_.pop()
        yield from ((outer, name) for outer in open_)
        open_.append(name)


def _place(network: IPv4Network) -> tuple[IPv4Address, int]:
    return network.network_address, network.prefixlen


def _shrinks(
    environments: Mapping[str, Entries], concerning: Sequence[str], setting: str
) -> Iterator[Fault]:
    stages = [
        (name, values[0])
        for name in STAGES
        if name in environments and (values := values_of(environments[name], (setting,)))
    ]
    for (earlier, low), (later, high) in pairwise(stages):
        if high < low and (earlier in concerning or later in concerning):
            where = place(environments[earlier], setting)
            yield Fault(
                place(environments[later], setting),
                setting,
                f"{high} in {later} is less than {low} in {earlier} ({where})",
                f"it never shrinks from {' to '.join(STAGES)}",
            )


def _promoted(environments: Mapping[str, Entries], name: str) -> Iterator[Fault]:
    """The environment that has to come first is another one that exists, and not behind this."""
    way = [name]
    while (source := _source(environments, way[-1])) and source not in way:
        way.append(source)
    first = _source(environments, name)
    if first is None:
        return
    others = [other for other in environments if other != name]
    if first not in environments:
        message, hint = f"there is no environment {first}", f"one of {', '.join(others)}"
    elif source == name:
        circle = " from ".join([*way, name])
        message, hint = f"goes in a circle: {circle}", "leave it out of the first environment"
    else:
        return
    yield Fault(place(environments[name], _PROMOTED), _PROMOTED, message, hint)


def _source(environments: Mapping[str, Entries], name: str) -> str | None:
    values = values_of(environments.get(name, {}), (_PROMOTED,))
    return values[0] if values else None
