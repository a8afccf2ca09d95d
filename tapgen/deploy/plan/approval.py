"""Changes that the reviewed plan did not show: the run asks about them, or refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tapgen.deploy.flow.host import Question
from tapgen.errors import RefusedError
from tapgen.model.changes.change import Change
from tapgen.model.changes.settling import settled
from tapgen.model.plan import Planned


def question(entry: Planned) -> Question:
    """Whether to execute a change set that could be created only now, and that loses something."""
    stack = entry.stack
    return Question("Continue with this?", entry, stack.environment if stack.protected else "")


def unseen(layer: str, losses: Sequence[Change], again: str) -> RefusedError:
    """The error for a stack that was pending and whose change set now loses resources.

    `again` is the command that makes the same plan again.
    """
    listed = ", ".join(
        f"{change.logical_id} ({change.resource_type}) {change.loss}" for change in losses
    )
    return RefusedError(
        f"{layer} was pending when the plan was made, and now it would have {listed}",
        f"{layer} was not changed. Run `{again}`: its plan shows this change.",
    )


def other_inputs(entry: Planned, now: Mapping[str, str], again: str) -> RefusedError:
    """The error for a reviewed change set whose inputs have changed since; see `unseen`."""
    reviewed = settled(entry.stack, entry.parameters)
    changed = [
        str(entry.stack.inputs.get(name, name))
        for name in sorted(now.keys() | reviewed.keys())
        if now.get(name) != reviewed.get(name)
    ]
    return RefusedError(
        f"values for {entry.stack.layer} have changed since the review: {', '.join(changed)}",
        f"Run `{again}` and have the new plan reviewed.",
    )
