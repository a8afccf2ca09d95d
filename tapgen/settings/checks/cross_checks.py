"""Rules between environments: no shared names, no shrinking sizes, no circular promotion.

Those of the platform's own settings come from its `Checks`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import Final

from tapgen.model.parts.running import yielded
from tapgen.model.platform import Platform
from tapgen.settings.base import prefix_of
from tapgen.settings.checks.rules import Merged, Together, checks_of
from tapgen.settings.faults import Fault

_PROMOTED: Final = "deployment.promoted_from"


def check_together(
    environments: Mapping[str, Merged], concerning: Sequence[str], platform: Platform
) -> Iterator[Fault]:
    """Yield what is wrong between environments, where one of `concerning` is involved."""
    checks = checks_of(platform)
    involved = frozenset(concerning)
    yield from _share_names(environments, involved)
    for rule in checks.together:
        yield from _asked(rule, environments, involved)
    for setting in checks.never_shrinks:
        yield from _shrinks(environments, involved, setting, platform.stages)
    for name in concerning:
        yield from _promoted(environments, name)


def _asked(
    rule: Together, environments: Mapping[str, Merged], involved: AbstractSet[str]
) -> Iterator[Fault]:
    name = f"the rule between environments {getattr(rule, '__name__', rule)}"
    yield from yielded(name, lambda: rule(environments, involved), Fault, rule)


def equal_pairs(
    values: Mapping[str, Hashable], involved: AbstractSet[str]
) -> Iterator[tuple[str, str]]:
    """Yield the first name that has a value with each other one, if one of them is involved.

    A hundred environments with a forbidden common value are thus a hundred faults, not more.
    """
    together: dict[Hashable, list[str]] = {}
    for name, value in values.items():
        together.setdefault(value, []).append(name)
    for first, *others in together.values():
        yield from ((first, one) for one in others if not involved.isdisjoint((first, one)))


def _share_names(environments: Mapping[str, Merged], involved: AbstractSet[str]) -> Iterable[Fault]:
    owners = {
        name: (values[0], prefix_of(*values[1:]))
        for name, merged in environments.items()
        if (values := merged.values("account_id", "project", "name", "stack_prefix"))
    }
    for first, second in equal_pairs(owners, involved):
        account, prefix = owners[first]
        where = environments[first].place("account_id")
        yield Fault(
            environments[second].place("account_id"),
            "account_id",
            f"{second} and {first} ({where}) both use the prefix {prefix} in account {account}",
            "give one of them a different account or stack_prefix",
        )


def _shrinks(
    environments: Mapping[str, Merged],
    involved: AbstractSet[str],
    setting: str,
    stages: Sequence[str],
) -> Iterator[Fault]:
    sizes = [
        (name, values[0])
        for name in stages
        if name in environments
        and (values := environments[name].values(setting))
        and values[0] is not None
    ]
    for (earlier, low), (later, high) in pairwise(sizes):
        if high < low and not involved.isdisjoint((earlier, later)):
            where = environments[earlier].place(setting)
            yield Fault(
                environments[later].place(setting),
                setting,
                f"{high} in {later} is less than {low} in {earlier} ({where})",
                f"it must not shrink from {' to '.join(stages)}",
            )


def _promoted(environments: Mapping[str, Merged], name: str) -> Iterator[Fault]:
    """Check that the environment to promote from exists, and that promotions form no circle."""
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
        message, hint = f"forms a circle: {circle}", "leave it out of the first environment"
    else:
        return
    yield Fault(environments[name].place(_PROMOTED), _PROMOTED, message, hint)


def _source(environments: Mapping[str, Merged], name: str) -> str | None:
    values = environments[name].values(_PROMOTED) if name in environments else None
    return values[0] if values else None
