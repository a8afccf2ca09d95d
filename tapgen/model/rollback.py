"""The target of a rollback, from records: the release, and the state of the environment then.

A run may have deployed only some layers, so no single record has the state of an environment. It
follows from the newest record of each layer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tapgen.model.deployed.events import Created, Deleted, Unchanged, Updated
from tapgen.model.release import Release

_AS_DECLARED: Final = frozenset({one.__name__ for one in (Created, Unchanged, Updated)})


@dataclass(frozen=True)
class Declared:
    """The declaration of a layer in a release; `stack` as in `Begun.stacks`."""

    release: int
    stack: Mapping[str, Any]


def default_release(releases: Iterable[Release]) -> int | None:
    """The default release of a rollback; None if there is none.

    `releases` are all, newest first; only as many are read as are needed.

    It is the last successful release before the present one. The present one is the newest, or the
    one that it rolled back to. After a rollback that failed or was killed, the default is its
    target: repeating the command means the same release.
    """
    position: int | None = None
    for release in releases:
        number, back = release.number, release.begun.rolls_back_to
        if position is None:
            if release.deploys or release.begun.verb == "destroy":
                if back and (release.killed or not release.succeeded):
                    return back
                position = back or number
        elif number == position:
            position = back or number
        elif number < position and release.deploys and release.succeeded:
            return number
    return None


def settle(layers: dict[str, Declared | None], release: Release) -> None:
    """Add the state after a release to `layers`, for layers that no newer release concerns.

    None stands for a layer that it deleted. A failed stack was rolled back by AWS, or will be
    recovered: either way, it is as an older release declared it.
    """
    ends = release.ended.stacks if release.ended else {}
    for layer, end in ends.items():
        if layer in layers:
            continue
        if end.outcome == Deleted.__name__:
            layers[layer] = None
        elif release.deploys and end.outcome in _AS_DECLARED:
            layers[layer] = Declared(release.number, _stack(release, layer))


def _stack(release: Release, layer: str) -> Mapping[str, Any]:
    stack: Mapping[str, Any] = release.begun.stacks.get(layer, {}).get("stack", {})
    return stack
