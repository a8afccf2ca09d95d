"""Copying an environment of the payments platform: the values that the copy needs."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network
from itertools import chain
from typing import Final

from tapgen.errors import TapgenError
from tapgen.payments.limits import PRIVATE_RANGES
from tapgen.settings.copying import Copy, Copying, CopyOption
from tapgen.settings.environment import Environment


def free_cidr(like: str, taken: Iterable[str]) -> str:
    """Return a private range of the size of `like` that overlaps none of `taken`.

    Multiples of ten come first (10.40.0.0 after 10.30.0.0), because they are easy to remember.
    Raises TapgenError if none is left.
    """
    size = IPv4Network(like).prefixlen
    used = [IPv4Network(cidr) for cidr in taken]
    tens = (IPv4Network(f"10.{tens}.0.0/{size}") for tens in range(10, 251, 10))
    others = chain.from_iterable(
        IPv4Network(block).subnets(new_prefix=size) for block in PRIVATE_RANGES
    )
    for network in chain(tens, others):
        if not any(network.overlaps(other) for other in used):
            return str(network)
    raise TapgenError(f"no private /{size} range is left", "Name a smaller one with --cidr.")


def _derived(copy: Copy) -> dict[str, str | bool]:
    found: dict[str, str | bool] = {}
    if "network.cidr" not in copy.given:
        taken = [_cidr(environment) for environment in copy.existing]
        found["network.cidr"] = free_cidr(_cidr(copy.original), taken)
    if domain := _domain(copy):
        found["domain"] = domain
    where = (copy.account_id, copy.region)
    if any((one.account_id, one.region) == where for one in copy.existing):
        found["api.manage_account_logging"] = False  # the existing environment has it
    return found


def _cidr(environment: Environment) -> str:
    return environment.parameter("network.cidr")


def _domain(copy: Copy) -> str:
    """api.example.com -> qa.api.example.com; staging.api.example.com -> qa.api.example.com."""
    domain = copy.original.parameter("domain").removeprefix(f"{copy.original.name}.")
    return domain and f"{copy.name}.{domain}"


COPYING: Final = Copying(
    options={
        "cidr": CopyOption("network.cidr", "VPC"),
        "domain": CopyOption("domain", "domain"),
        "cost-center": CopyOption("cost_center", "cost centre"),
    },
    derived=_derived,
    left_out=("parent_zone_id",),
)
