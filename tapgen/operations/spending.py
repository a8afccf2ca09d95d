"""Cost: what environments cost a month, what a change adds, what makes a difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tapgen.errors import UsageError
from tapgen.model.parts.declared import mapping, takes
from tapgen.operations.review import before_of
from tapgen.project import Project

if TYPE_CHECKING:
    from tapgen.deploy.flow.host import Host
    from tapgen.review.cost.change import CostChange
    from tapgen.review.cost.estimate import Estimate, Span
    from tapgen.review.cost.prices import Prices
    from tapgen.settings.comparison import SettingDifference
    from tapgen.settings.environment import Environment

_COUNTINGS: Final = mapping("Countings", takes(2).fits)
# Environments whose difference is explained.
_COMPARED: Final = 2


@dataclass(frozen=True)
class Costs:
    """What environments cost a month, and what they did before where that was asked for.

    `before` has an estimate for each environment that `label` names stacks of. `explained` leads
    from the first of two environments to the second.
    """

    environments: Mapping[str, Estimate]
    prices: Prices
    label: str = ""
    before: Mapping[str, Estimate] = field(default_factory=dict)
    explained: tuple[Explained, ...] = ()

    @property
    def changes(self) -> dict[str, CostChange]:
        """What each environment costs more or less than before."""
        from tapgen.review.cost.change import CostChange

        return {name: CostChange(self.before[name], now) for name, now in self.environments.items()}


@dataclass(frozen=True)
class Explained:
    """A setting in which two environments differ, and how much of their difference it makes.

    Settings are changed one after the other, in the order of declaration, so what several of them
    make together is counted for the last of these.
    """

    setting: SettingDifference
    change: Span


def cost(  # noqa: PLR0913 - all but the first three have defaults
    project: Project,
    environments: Sequence[str],
    host: Host,
    *,
    against: str | None = None,
    folder: Path | None = None,
    explain: bool = False,
) -> Costs:
    """Estimate what environments cost a month, from list prices that come with tapgen.

    - `project`: whose environments they are.
    - `environments`: names; all when none is named.
    - `host`: is told what could not be compared; nothing is asked.
    - `against`: what to compare with, as for `diff`; nothing when it is not named.
    - `folder`: where rendered files are committed, the project's own by default.
    - `explain`: tell how much each setting makes of the difference of two environments.

    Gives an estimate for each environment. Usage is that of today's settings on both sides.

    Raises `TapgenError` where there is nothing to compare with, `EnvironmentFaults` where the
    settings are wrong.
    """
    from tapgen.review.cost.estimate import estimate
    from tapgen.review.cost.prices import list_prices
    from tapgen.review.cost.quantities import Usage
    from tapgen.review.diff.snapshot import snapshot

    own = project.platform.part("costs", _COUNTINGS)
    chosen = project.environments(environments)
    if explain and len(chosen) != _COMPARED:
        raise UsageError(
            "a difference is explained between two environments",
            "Name them, for instance `tapgen cost --explain staging prod`.",
        )
    usage = {one.name: Usage.of(one.settings.cost) for one in chosen}
    rendered = project.rendered(chosen).stacks
    found = {name: estimate(stacks, usage[name], own) for name, stacks in rendered.items()}
    if against is None:
        explained = tuple(_explained(project, chosen)) if explain else ()
        return Costs(found, list_prices(), explained=explained)
    after = {
        name: {stack.layer: snapshot(stack) for stack in stacks}
        for name, stacks in rendered.items()
    }
    label, before, _ = before_of(project, against, after, folder or project.templates, host)
    earlier = {
        name: estimate([one.stack for one in before.get(name, {}).values()], usage[name], own)
        for name in found
    }
    return Costs(found, list_prices(), label, earlier)


def _explained(project: Project, pair: Sequence[Environment]) -> Iterator[Explained]:
    """How much each setting makes, from the first environment to the second."""
    from tapgen.review.cost.estimate import estimate
    from tapgen.review.cost.quantities import Usage
    from tapgen.settings.comparison import differences

    own = project.platform.part("costs", _COUNTINGS)

    def total(environment: Environment) -> Span:
        (stacks,) = project.rendered([environment]).stacks.values()
        return estimate(stacks, Usage.of(environment.settings.cost), own).total()

    first, second = pair
    between, spent = first, total(first)
    for one in differences(first, second):
        between = between.replaced(one.setting, one.second.value)
        now = total(between)
        yield Explained(one, now.minus(spent))
        spent = now
