"""Rules between settings, and the values of an environment that is copied from another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from tapgen.errors import TapgenError
from tapgen.settings.checks.cross_checks import equal_pairs
from tapgen.settings.checks.rules import Checks, Merged, Rule, Verdict
from tapgen.settings.copying import Copy, Copying, CopyOption
from tapgen.settings.faults import Fault

_CIDR: Final = "network.cidr"


def _standby_where_protected(multi_az: bool, protection: bool) -> Verdict:
    if protection and not multi_az:
        return "must be on if protection is on", "set it to true"
    return None


def _alarm_within_storage(free: int, storage: int) -> Verdict:
    if free >= storage:
        return f"{free} is not below database.storage_gb ({storage})", f"at most {storage - 1}"
    return None


def _share_ranges(
    environments: Mapping[str, Merged], involved: AbstractSet[str]
) -> Iterator[Fault]:
    """All ranges are a /16, so ranges that overlap are equal."""
    ranges = {
        name: values for name, merged in environments.items() if (values := merged.values(_CIDR))
    }
    for first, second in equal_pairs(ranges, involved):
        place = environments[first].place(_CIDR)
        message = f"{second} and {first} ({place}) have the same range"
        yield Fault(environments[second].place(_CIDR), _CIDR, message, "choose another /16")


def free_range(taken: Iterable[str]) -> str:
    """A /16 that is not in use, multiples of ten first. Raises `TapgenError` if there is none."""
    used = set(taken)
    for second in (*range(10, 251, 10), *range(256)):
        if (cidr := f"10.{second}.0.0/16") not in used:
            return cidr
    raise TapgenError("every /16 of 10.0.0.0/8 is in use", "Remove an environment first.")


def _derived(copy: Copy) -> dict[str, str | bool]:
    if _CIDR in copy.given:
        return {}
    return {_CIDR: free_range(one.parameter(_CIDR) for one in copy.existing)}


CHECKS: Final = Checks(
    rules=(
        Rule(("database.multi_az", "protection"), _standby_where_protected),
        Rule(("alarms.free_storage_gb", "database.storage_gb"), _alarm_within_storage),
    ),
    together=(_share_ranges,),
    never_shrinks=("database.storage_gb", "database.backup_days"),
    overview=("database.instance_class", _CIDR),
    copying=Copying(options={"cidr": CopyOption(_CIDR, "VPC")}, derived=_derived),
)
