"""A platform of two layers and two settings: nothing that the engine could know beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Annotated

from tapgen.model.layer import Layer
from tapgen.model.limits import Range
from tapgen.model.platform import Platform
from tapgen.settings.base import (
    Elsewhere,
    SecretReference,
    Section,
    Settings,
    described,
    text,
    whole,
)
from tapgen.settings.checks.rules import Checks, Merged, Rule, Verdict
from tapgen.settings.copying import Copy, Copying, CopyOption
from tapgen.settings.faults import Fault


class Web(Section, frozen=True):
    """Servers."""

    servers: Annotated[int, whole(Range(1, 9), "Number of servers.", varies=True)]
    key: Annotated[SecretReference, described("Of the door.")] | None = None


class ShopSettings(Settings, frozen=True, kw_only=True):
    """Settings of the shop."""

    motto: Annotated[str, text("^[A-Z]", "What the shop says.")] | Elsewhere | None = None
    till: Annotated[SecretReference, described("Opens the till.", varies=True)] | None = None
    web: Web


def _no_motto_for_one(servers: int, motto: str | None) -> Verdict:
    return ("one server is too few for a motto", "at least 2") if motto and servers == 1 else None


def _one_motto(environments: Mapping[str, Merged], involved: AbstractSet[str]) -> Iterable[Fault]:
    said = {name: merged.values("motto") for name, merged in environments.items()}
    for name in sorted(involved):
        others = [other for other in said if other != name and said[name] == said[other]]
        if others and said[name] != (None,):
            yield Fault(environments[name].place("motto"), "motto", f"{others[0]} says that")


def _servers(copy: Copy) -> dict[str, str | bool]:
    return {} if "motto" in copy.given else {"motto": f"Shop {copy.name} in {copy.region}"}


CHECKS = Checks(
    rules=(Rule(("web.servers", "motto"), _no_motto_for_one),),
    together=(_one_motto,),
    never_shrinks=("web.servers",),
    overview=("motto",),
    copying=Copying(options={"motto": CopyOption("motto", "motto")}, derived=_servers, left_out=()),
)

PLATFORM = Platform(
    name="shop",
    layers=(
        Layer("web", "Servers"),
        Layer("shelf", "What is sold", enabled_by="motto", deadline="web.servers"),
    ),
    settings="tests.settings.shop:ShopSettings",
    checks="tests.settings.shop:CHECKS",
    stages=("test", "live"),
)

# Content of the files of its environments.
ENVIRONMENTS = {
    "common": "project: shop\nregion: eu-west-1\nprotection: false\n",
    "test": 'name: test\naccount_id: "111111111111"\nweb: {servers: 2}\n',
    "live": 'name: live\naccount_id: "222222222222"\nmotto: Buy\nweb:\n  servers: 3\n'
    "timeout_minutes: {web: 30}\n",
}
