"""An earlier release of an environment as the target of a run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import Final

from tapgen.aws.cloudformation.stack_state import UNDER_REVIEW
from tapgen.deploy.flow.events import RollsBack
from tapgen.deploy.record.ledger import Ledger
from tapgen.deploy.record.losses import losses_since
from tapgen.deploy.record.mending import completed
from tapgen.deploy.record.restoring import restored
from tapgen.deploy.run.fleet import Fleet
from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError, TapgenError, UsageError
from tapgen.model.deployed.events import Failed, Updated
from tapgen.model.deployed.stack_status import ABSENT
from tapgen.model.release import Release
from tapgen.model.rollback import Declared, default_release, settle
from tapgen.project import Project

# Records that are read at the same time.
_AT_ONCE: Final = 8
_NOT_THERE: Final = frozenset({ABSENT, UNDER_REVIEW})


@dataclass(frozen=True)
class WayBack:
    """The last successful release before a failed one, and the command that rolls back to it."""

    release: int
    command: str


@dataclass(frozen=True)
class Restoration:
    """An environment as a release left it.

    `layers` are the target's layers that it had; `notes` name what is not restored. `newest` is
    the last release that existed when this was created.
    """

    target: Target
    ledger: Ledger
    release: Release
    layers: tuple[str, ...]
    notes: tuple[str, ...]
    newest: int

    @property
    def told(self) -> RollsBack:
        """The event for the host, before anything is planned."""
        begun = self.release.begun
        return RollsBack(begun.environment, begun.release, begun.began, begun.reason, self.notes)

    def refuse_newer(self) -> None:
        """Raise `RefusedError` if there are newer releases by now."""
        now = max(self.ledger.numbers())
        if now != self.newest:
            raise RefusedError(
                f"release {now} of {self.target.environment} was started while the rollback to "
                f"release {self.release.number} was prepared",
                "Nothing was started here. Run the command again.",
            )


def restoration(project: Project, environment: str, number: int | None = None) -> Restoration:
    """An environment as release `number` left it, by default that of `default_release`.

    Raises `UsageError` if there is no such release, or it cannot be rolled back to; `TapgenError`
    with everything that prevents it from being deployed again.
    """
    target = project.looking().target(environment)
    ledger = project.ledger(target)
    target.verify_account()
    numbers = sorted(ledger.numbers(), reverse=True)
    if number is None:
        number = _default(ledger, target, numbers)
    newer = ledger.tried([one for one in numbers if one > number])
    since = completed(ledger, target, [one for one in newer if isinstance(one, Release)])
    older = _read(ledger, target, [one for one in numbers if one <= number])
    release = _chosen(ledger, target, number, older)
    concerned = target.stacks.keys() | {layer for one in since for layer in one.begun.stacks}
    found = _layers(chain([release], older), concerned)
    declared = {layer: one for layer, one in found.items() if one}
    rolled, secrets = restored(target, ledger, declared)
    notes = (
        *losses_since(reversed(since), declared),
        *_left(target, rolled, declared, _now(since, found), number),
        *secrets,
        *(
            f"{one.message}: it is not known what it did"
            for one in newer
            if isinstance(one, TapgenError)
        ),
    )
    layers = tuple(layer for layer in rolled.stacks if layer in declared)
    return Restoration(rolled, ledger, release, layers, notes, max(numbers))


def ways_back(fleet: Fleet) -> dict[str, WayBack]:
    """The way back by environment, if a deployment failed after it had updated other stacks.

    AWS has rolled back failed stacks; if no other stack was changed, no rollback is needed.
    """
    found = {}
    for name, recording in fleet.recordings.items():
        outcomes = [*fleet.outcomes[name].values()]
        failed = any(isinstance(one, Failed) and not one.refused for one in outcomes)
        forward = fleet.deployments[name].choices.release is None
        if forward and failed and any(isinstance(one, Updated) for one in outcomes):
            target, ledger = recording.run.target, recording.ledger
            with suppress(TapgenError):
                numbers = sorted(ledger.numbers(), reverse=True)
                if number := default_release(_read(ledger, target, numbers)):
                    found[name] = WayBack(number, target.command("rollback"))
    return found


def _read(ledger: Ledger, target: Target, numbers: Sequence[int]) -> Iterator[Release]:
    """Yield the releases one by one; raises at one that cannot be read."""
    for start in range(0, len(numbers), _AT_ONCE):
        good: list[Release] = []
        problem: TapgenError | None = None
        for one in ledger.tried([*numbers[start : start + _AT_ONCE]]):
            if isinstance(one, TapgenError):
                problem = one
                break
            good.append(one)
        yield from completed(ledger, target, good)
        if problem:
            raise problem


def _default(ledger: Ledger, target: Target, numbers: Sequence[int]) -> int:
    try:
        found = default_release(_read(ledger, target, numbers))
    except TapgenError as error:
        hint = f"{error.hint} --to N rolls back without it, to an older or newer release N."
        raise TapgenError(error.message, hint) from error
    if found is None:
        raise UsageError(
            f"{ledger.name} has no earlier successful release of {target.environment}",
            f"`{target.command('history')}` lists them.",
        )
    return found


def _chosen(ledger: Ledger, target: Target, number: int, older: Iterator[Release]) -> Release:
    release = next(older, None)
    if release is None or release.number != number:
        why = f"{target.environment} has no release {number} in {ledger.name}"
    elif not release.deploys:
        why = f"release {number} is a {release.begun.verb}, which cannot be rolled back to"
    elif not release.succeeded:
        outcome = release.ended.outcome if release.ended else "has no end"
        why = f"release {number} {outcome}, so its stacks were not as it declared"
    else:
        return release
    history = target.command("history")
    raise UsageError(why, f"Name a successful deployment: `{history}` lists all releases.")


def _layers(
    releases: Iterable[Release], wanted: AbstractSet[str] | None = None
) -> dict[str, Declared | None]:
    """The state of each layer after the first of the releases, which are newest first.

    No more releases are read once all `wanted` layers are known.
    """
    found: dict[str, Declared | None] = {}
    for release in releases:
        settle(found, release)
        if wanted is not None and found.keys() >= wanted:
            break
    return found


def _now(
    since: Iterable[Release], before: Mapping[str, Declared | None]
) -> dict[str, Declared | None]:
    """The state of each layer after the newest release."""
    return {**before, **_layers(since)}


def _left(
    target: Target,
    rolled: Target,
    declared: Collection[str],
    now: Mapping[str, Declared | None],
    number: int,
) -> Iterator[str]:
    """Yield the layers that the release did not have, and their inputs that it does not provide."""
    others = target.states([layer for layer in target.stacks if layer not in declared])
    there = [layer for layer, state in others.items() if state.status not in _NOT_THERE]
    gone = [layer for layer, one in now.items() if one and layer not in {*declared, *target.stacks}]
    if left := [*there, *sorted(gone)]:
        yield f"release {number} does not have {', '.join(left)}: left as deployed"
    for layer in there:
        for source in target.stacks[layer].inputs.values():
            if source.elsewhere or source.layer not in declared:
                continue
            if source.output not in rolled.stacks[source.layer].template.outputs:
                yield f"{layer} needs {source}, which release {number} does not have"
