"""What `tapgen diff` compares: finding the other side, and putting the two together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from tapgen.cli.invocation import Invocation
from tapgen.cli.terminal import echo
from tapgen.review.diff.causes import Context, Stale
from tapgen.review.diff.comparison import Stacks, compare
from tapgen.review.diff.report import Comparison
from tapgen.review.diff.snapshot import from_files, snapshot

DEPLOYED: Final = "deployed"


def compared(
    invocation: Invocation, names: Sequence[str], against: str | None, out: Path
) -> Comparison:
    """Compare the environments `names`, all when there is none, with what `against` means.

    That is what is deployed, another environment, or a git revision; by default the commit where
    the current branch left the main branch. Raises `TapgenError` where that cannot be told.
    """
    environments = invocation.environments(names)
    rendered = invocation.rendered(environments)
    after: dict[str, Stacks] = {
        name: {stack.layer: snapshot(stack) for stack in stacks}
        for name, stacks in rendered.stacks.items()
    }
    other = against if against in invocation.names() else None
    before: Mapping[str, Stacks]
    stale: Mapping[str, Stale] = {}
    if against == DEPLOYED:
        label = "what is deployed"
        before, stale = _deployed(invocation, after)
    elif other:
        label = f"the environment {other}"
        before = _other(invocation, other, after)
    else:
        label, before = _committed(invocation, against, out)
        if not names:  # environments that are gone, too
            after |= {name: {} for name in before if name not in after}
    sources = {environment.name: environment.sources for environment in environments}
    folder = f"{out.as_posix()}/"
    diffs = {
        name: compare(
            name,
            before.get(name, {}),
            stacks,
            Context(sources.get(name, {}), folder, other, stale.get(name, {})),
        )
        for name, stacks in after.items()
    }
    return Comparison(label, diffs, folder)


def _committed(
    invocation: Invocation, against: str | None, out: Path
) -> tuple[str, Mapping[str, Stacks]]:
    from tapgen.review.diff import revision

    folder = invocation.project
    found = revision.revision(folder, against) if against else revision.merge_base(folder)
    files = revision.files(folder, found.commit, out)
    if not files:
        echo(
            f"{out.as_posix()} holds nothing at {found.label}: every stack counts as added. "
            "--out names another folder.",
            err=True,
        )
    return found.label, from_files(files, f"{found.label}: ")


def _other(invocation: Invocation, name: str, after: Mapping[str, Stacks]) -> Mapping[str, Stacks]:
    """The other environment's stacks, once for each that is compared, under its identity."""
    (stacks,) = invocation.rendered(invocation.environments([name])).stacks.values()
    others = {stack.layer: snapshot(stack) for stack in stacks}
    return {
        environment: {
            layer: other.as_if_in(own[layer]) if layer in own else other
            for layer, other in others.items()
        }
        for environment, own in after.items()
    }


def _deployed(
    invocation: Invocation, names: Iterable[str]
) -> tuple[Mapping[str, Stacks], Mapping[str, Stale]]:
    from tapgen.deploy.observe.snapshots import deployed_snapshots

    stacks: dict[str, Stacks] = {}
    stale: dict[str, Stale] = {}
    for name in names:
        stacks[name], found = deployed_snapshots(invocation.target(name))
        stale[name] = found.stale
        for other, why in found.unread.items():
            echo(f"note: what {name} reads from {other} is not compared: {why}", err=True)
    return stacks, stale
