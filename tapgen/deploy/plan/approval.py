"""What the reviewed plan did not show: asked about in the middle of a run, or refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tapgen.deploy.flow.host import Question
from tapgen.errors import RefusedError
from tapgen.model.changes.change import Change
from tapgen.model.changes.settling import settled
from tapgen.model.plan import Planned


def question(entry: Planned) -> Question:
    """Whether to execute a change set that could be made only now, and that loses something."""
    stack = entry.stack
    return Question("Go on with this?", entry, stack.environment if stack.protected else "")


def unseen(layer: str, losses: Sequence[Change], again: str) -> RefusedError:
    """The error for a stack that was pending and turns out to lose what the plan did not show.

    `again` is the command that plans the same once more.
    """
    listed = ", ".join(
        f"{change.logical_id} ({change.resource_type}) {change.loss}" for change in losses
    )
    return RefusedError(
        f"{layer} was pending when the plan was made, and would have {listed}",
        f"Nothing of {layer} was changed. Run `{again}`: its plan shows what this would do.",
    )


def other_inputs(entry: Planned, now: Mapping[str, str], again: str) -> RefusedError:
    """The error for a reviewed change set whose inputs have become others; see `unseen`."""
    reviewed = settled(entry.stack, entry.parameters)
    changed = [
        str(entry.stack.inputs.get(name, name))
        for name in sorted(now.keys() | reviewed.keys())
        if now.get(name) != reviewed.get(name)
    ]
    return RefusedError(
        f"{entry.stack.layer} takes other values than were reviewed: {', '.join(changed)}",
        f"Run `{again}` and have the new plan reviewed.",
    )
