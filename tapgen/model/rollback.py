"""Where a rollback leads, as records tell it: to which release, and what the environment was then.

A run may have deployed a few layers only, so that no single record says what an environment was.
It is what the newest records of its layers say, each on its own.
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
    """How a layer was declared by the release that it is from; `stack` as in `Begun.stacks`."""

    release: int
    stack: Mapping[str, Any]


def default_release(releases: Iterable[Release]) -> int | None:
    """The release that a rollback leads to where nobody names one; None where there is none.

    `releases` are all, newest first; only as many are taken as it needs.

    It is the last that ended well before the one that the environment is from. That is the newest,
    unless it was a rollback: then it is the one that this has led to. After a rollback that failed
    or was killed it is where that was to lead: whoever repeats the command means the same.
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
    """Put into `layers` what a release left of those that no newer one has said anything of.

    None stands for a layer that it deleted. What failed was rolled back by AWS, or is to be
    recovered: either leads to what an older release declared.
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
