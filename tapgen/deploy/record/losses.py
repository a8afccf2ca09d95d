"""Losses that a rollback does not restore, from the records of the releases since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from tapgen.deploy.plan.plan_records import change_of
from tapgen.model.changes.change import Change
from tapgen.model.deployed.events import Deleted, Updated
from tapgen.model.release import Release

_PURGED: Final = "--purge-data"
_CERTAIN: Final = "True"


def losses_since(releases: Iterable[Release], layers: Iterable[str]) -> Iterator[str]:
    """The losses of releases in these layers that a rollback does not undo, in words."""
    wanted = [*layers]
    for release in releases:
        ends = release.ended.stacks if release.ended else {}
        gone = [name for name in wanted if name in ends and ends[name].outcome == Deleted.__name__]
        if gone:
            yield _deleted(release, gone)
        for layer in wanted:
            if layer in ends and ends[layer].outcome == Updated.__name__:
                yield from _lost(release, layer)


def _deleted(release: Release, layers: Sequence[str]) -> str:
    names = ", ".join(layers)
    if _PURGED in release.begun.command:
        return f"release {release.number} deleted {names} with all data: created again, but empty"
    return (
        f"release {release.number} deleted {names}: created again, taking over only what was "
        "retained"
    )


def _lost(release: Release, layer: str) -> Iterator[str]:
    """Resources that an update replaced or removed; nothing if its record does not say."""
    records: Iterable[Mapping[str, Any]] = release.begun.stacks[layer].get("changes", ())
    words: dict[str, list[str]] = {}
    for change in map(change_of, records):
        if change.loses:
            words.setdefault(_verb(change), []).append(
                f"{layer}.{change.logical_id} ({change.resource_type})"
            )
    for verb, names in words.items():
        yield f"release {release.number} {verb} {', '.join(names)}: its content is not restored"


def _verb(change: Change) -> str:
    if change.action == "Remove" or change.replacement == _CERTAIN:
        return change.loss
    return f"may have {change.loss}"
