"""Cost: what environments cost a month, what a change adds, what makes a difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tapgen.errors import UsageError
from tapgen.project import Project

if TYPE_CHECKING:
    from tapgen.deploy.flow.host import Host
    from tapgen.model.stack import Stack
    from tapgen.render.rendering import Rendered
    from tapgen.review.cost.basis import Basis
    from tapgen.review.cost.change import CostChange
    from tapgen.review.cost.lines import Estimate, Span
    from tapgen.review.cost.refresh import Refreshed
    from tapgen.settings.comparison import SettingDifference
    from tapgen.settings.environment import Environment

# Environments whose difference is explained.
_COMPARED: Final = 2


@dataclass(frozen=True)
class Costs:
    """What environments cost a month, and what they did before where that was asked for.

    `before` has an estimate for each environment that `label` names stacks of. `explained` leads
    from the first of two environments to the second. `refreshed` tells what has become of the
    prices, where AWS was asked for them; `unused` are components of which the project's file has
    prices, and which neither tapgen nor the platform counts.
    """

    environments: Mapping[str, Estimate]
    label: str = ""
    before: Mapping[str, Estimate] = field(default_factory=dict)
    explained: tuple[Explained, ...] = ()
    refreshed: Refreshed | None = None
    unused: tuple[str, ...] = ()

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
    refresh: bool = False,
) -> Costs:
    """Estimate the monthly cost of environments, from list prices and the project's prices.

    What nothing has changed since is not estimated again, where the project remembers.

    - `project`: the project of the environments.
    - `environments`: names; all if empty.
    - `host`: receives what could not be compared; it is asked nothing.
    - `against`: what to compare with, as for `diff`; nothing when it is not named.
    - `folder`: the folder in which rendered files are committed, by default the project's.
    - `explain`: show how much each setting contributes to the difference between two environments.
    - `refresh`: ask AWS for its list prices first, and write them into the project's file. Where
      environments are named, for what these are charged for; what is written of others stays.

    Returns an estimate for each environment. Usage is that of today's settings on both sides.

    Raises `TapgenError` where there is nothing to compare with, and where AWS does not tell a
    price; `EnvironmentFaults` where the settings are wrong, `PriceFaults` where the file of prices
    is.
    """
    if refresh and project.local:
        raise UsageError(
            "--refresh asks AWS for its list prices, and the local AWS has none",
            "Leave --local out; the prices are the same for every account.",
        )
    from tapgen.review.cost.remembered import Estimating, Known

    past = Estimating(project.store(), project.platform, project.envs, environments)
    plain = not (against or explain or refresh)
    if plain and (known := past.known()):
        return Costs(known.environments, unused=known.unused)
    from tapgen.review.cost.basis import basis_of
    from tapgen.review.cost.estimate import estimate
    from tapgen.review.cost.quantities import Usage

    basis = basis_of(project.platform)
    chosen = project.environments(environments)
    if explain and len(chosen) != _COMPARED:
        raise UsageError(
            "a difference is explained between two environments",
            "Name them, for instance `tapgen cost --explain staging prod`.",
        )
    everything = project.rendered(chosen)
    rendered = everything.stacks
    refreshed = None
    if refresh:
        refreshed = _refresh(project, rendered, basis, host, alone=bool(environments))
        basis = basis_of(replace(project.platform, prices=str(project.prices)))
    usage = {one.name: Usage.of(one.settings.cost) for one in chosen}
    found = {name: estimate(stacks, usage[name], basis) for name, stacks in rendered.items()}
    unused = () if environments else _unused(basis, found.values())
    if plain:
        past.keep(Known(found, unused))
    if against is None:
        explained = tuple(_explained(everything, chosen, basis)) if explain else ()
        return Costs(found, explained=explained, refreshed=refreshed, unused=unused)
    from tapgen.operations.review import before_of
    from tapgen.review.diff.snapshot import snapshot

    after = {
        name: {stack.layer: snapshot(stack) for stack in stacks}
        for name, stacks in rendered.items()
    }
    label, before, _ = before_of(project, against, after, folder or project.templates, host)
    earlier = {
        name: estimate([one.stack for one in before.get(name, {}).values()], usage[name], basis)
        for name in found
    }
    return Costs(found, label, earlier, refreshed=refreshed, unused=unused)


def _unused(basis: Basis, estimates: Iterable[Estimate]) -> tuple[str, ...]:
    """Components that nobody counts: a platform may have its own, so this is no fault."""
    from tapgen.review.cost.prices import units

    counted = {line.component for one in estimates for line in one.lines}
    priced = {name for (name, _), price in basis.prices.known.items() if price.file}
    return tuple(sorted(priced - counted - units().keys()))


def _explained(
    rendered: Rendered, pair: Sequence[Environment], basis: Basis
) -> Iterator[Explained]:
    """How much each setting makes, from the first environment to the second."""
    from tapgen.render.placement import stacks_of
    from tapgen.review.cost.estimate import estimate
    from tapgen.review.cost.quantities import Usage
    from tapgen.settings.comparison import differences

    def total(environment: Environment) -> Span:
        stacks = stacks_of(rendered.platform, environment, rendered.templates, rendered.code)
        return estimate(stacks, Usage.of(environment.settings.cost), basis).total()

    first, second = pair
    between, spent = first, total(first)
    for one in differences(first, second):
        between = between.replaced(one.setting, one.second.value)
        now = total(between)
        yield Explained(one, now.minus(spent))
        spent = now


def _refresh(
    project: Project,
    stacks: Mapping[str, Sequence[Stack]],
    basis: Basis,
    host: Host,
    *,
    alone: bool,
) -> Refreshed:
    """Ask AWS for the prices of what environments are charged for, and write them down.

    `alone` is whether there are other environments, whose prices stay as they are. Prices are the
    same for every account, so those who may look at the first environment ask.
    """
    from tapgen.aws.account import Account
    from tapgen.aws.pricing.products import products
    from tapgen.deploy.flow.events import Remark
    from tapgen.render.files import write_atomically
    from tapgen.review.cost import refresh
    from tapgen.review.cost.estimate import estimate
    from tapgen.review.cost.price_file import rows, text_of

    written = rows(project.prices)
    by_hand = tuple(row for row in written if not row.is_listed)
    estimates = [estimate(one, refresh.ANY_USAGE, basis) for one in stacks.values()]
    decided = {row.key for row in by_hand}
    wanted = [one for one in refresh.wanted(estimates) if one.key not in decided]
    answers = {}
    if asked := dict.fromkeys(question for one in wanted for question in one.questions()):
        name, first = next(iter(stacks.items()))
        account = Account(first[0].account_id, project.connection(name))
        account.sign_in()
        host.tell(Remark(f"asking AWS for {len(wanted)} prices"))
        answers = {question: products(account, *question) for question in asked}
    try:
        listed = refresh.told(wanted, answers, basis.prices)
    except refresh.NoPricesError as error:
        raise error.advised(project.prices, _today(), new=not written) from error
    renewed = {row.key for row in listed}
    others = [row for row in written if alone and row.is_listed and row.key not in renewed]
    write_atomically(project.prices, text_of([*by_hand, *others, *listed]))
    return refresh.Refreshed(
        project.prices,
        listed,
        tuple(refresh.changes(listed, basis.prices)),
        by_hand,
        refresh.without_query(estimates),
    )


def _today() -> str:
    from datetime import UTC, datetime

    return datetime.now(UTC).date().isoformat()
