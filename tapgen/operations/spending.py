"""Cost: monthly costs of environments, the effect of a change, explained differences."""

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
    """The monthly costs of environments, now and, if requested, before.

    `before` has an estimate for each environment, from the side that `label` names. `explained`
    leads from the first of two environments to the second. `refreshed` has the changed prices if
    AWS was asked; `unused` are components with prices in the project's file that neither tapgen nor
    the platform counts.
    """

    environments: Mapping[str, Estimate]
    label: str = ""
    before: Mapping[str, Estimate] = field(default_factory=dict)
    explained: tuple[Explained, ...] = ()
    refreshed: Refreshed | None = None
    unused: tuple[str, ...] = ()

    @property
    def changes(self) -> dict[str, CostChange]:
        """The change in cost of each environment."""
        from tapgen.review.cost.change import CostChange

        return {name: CostChange(self.before[name], now) for name, now in self.environments.items()}


@dataclass(frozen=True)
class Explained:
    """A setting in which two environments differ, and its share of the difference in cost.

    Settings are changed one by one, in the order of declaration, so a joint effect of several
    settings counts for the last of them.
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

    What has not changed since the last run is not estimated again, if the project remembers.

    - `project`: the project of the environments.
    - `environments`: names; all if empty.
    - `host`: receives what could not be compared; it is asked nothing.
    - `against`: what to compare with, as for `diff`; nothing by default.
    - `folder`: the folder in which rendered files are committed, by default the project's.
    - `explain`: show how much each setting contributes to the difference between two environments.
    - `refresh`: request AWS's list prices first, and write them to the project's file. If
      environments are named, only their prices; other lines of the file stay as they are.

    Returns an estimate for each environment, with the usage in today's settings on both sides.

    Raises `TapgenError` if there is nothing to compare with or AWS does not have a price,
    `EnvironmentFaults` if the settings are wrong, `PriceFaults` if the price file is.
    """
    if refresh and project.local:
        raise UsageError(
            "--refresh requests AWS's list prices, and the local AWS has none",
            "Leave --local out; the prices are the same in every account.",
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
            "--explain needs two environments",
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
    """Components that nothing counts. It is not a fault, because a platform may have its own."""
    from tapgen.review.cost.prices import units

    counted = {line.component for one in estimates for line in one.lines}
    priced = {name for (name, _), price in basis.prices.known.items() if price.file}
    return tuple(sorted(priced - counted - units().keys()))


def _explained(
    rendered: Rendered, pair: Sequence[Environment], basis: Basis
) -> Iterator[Explained]:
    """Yield the share of each setting in the difference between two environments."""
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
    """Request AWS's prices of the environments' components, and write them to the file.

    `alone` means that these are not all environments, so other prices stay as they are. Prices are
    the same in every account, so the first environment's credentials are used.
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
