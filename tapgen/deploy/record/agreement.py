"""Differences between AWS and the ledger.

A record contains when its run last updated each stack, by the clock of AWS. A stack with another
time was changed by something else; its last event shows whether that was a release of another
ledger.
"""

from __future__ import annotations

from collections.abc import Sequence

from tapgen.aws.cloudformation.requests import release_of
from tapgen.aws.cloudformation.stack_state import UNDER_REVIEW, StackState
from tapgen.deploy.target.target import Target
from tapgen.model.deployed.events import Deleted
from tapgen.model.deployed.stack_status import ABSENT, in_progress
from tapgen.model.release import Release, StackEnd

_NOT_THERE = frozenset({ABSENT, UNDER_REVIEW})


def disagreements(target: Target, releases: Sequence[Release], *, whole: bool) -> dict[str, str]:
    """Layer -> how AWS differs from `releases`, which are the newest ones, newest first.

    `whole` says that there are no other releases. Stacks in progress are ignored.
    """
    found: dict[str, str] = {}
    for layer, state in target.states(target.stacks).items():
        if in_progress(state.status):
            continue
        last = _last(layer, releases)
        if last is None:
            if whole and releases and state.status not in _NOT_THERE:
                found[layer] = f"it is deployed, {_by(target, layer, state)}"
            continue
        number, end = last
        gone, there = end.outcome == Deleted.__name__, state.status not in _NOT_THERE
        if gone and there:
            found[layer] = (
                f"release {number} deleted it, but it exists, {_by(target, layer, state)}"
            )
        elif not gone and not there:
            found[layer] = f"release {number} left it deployed, but it does not exist"
        elif there and state.updated != end.updated:
            when = state.updated[:19]
            found[layer] = (
                f"it was changed after release {number}, {when}, {_by(target, layer, state)}"
            )
    return found


def _last(layer: str, releases: Sequence[Release]) -> tuple[int, StackEnd] | None:
    """The newest release that recorded how it left the layer, with that record."""
    for release in releases:
        end = release.ended.stacks.get(layer) if release.ended else None
        if end and (end.updated or end.outcome == Deleted.__name__):
            return release.number, end
    return None


def _by(target: Target, layer: str, state: StackState) -> str:
    """Who changed the stack last, according to its events."""
    events = target.cloudformation(target.stacks[layer]).operation(state.stack_id)
    number = next(filter(None, (release_of(event.token) for event in reversed(events))), None)
    return f"by release {number} of another ledger" if number else "by no release"
