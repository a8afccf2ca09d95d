"""What the reviewed plan did not show: asked about in the middle of a run, or refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tapgen.deploy.flow.host import Question
from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError
from tapgen.model.changes.change import Change
from tapgen.model.changes.settling import settled
from tapgen.model.plan import Planned


def question(entry: Planned) -> Question:
    """Whether to execute a change set that could be made only now, and that loses something."""
    stack = entry.stack
    return Question("Go on with this?", entry, stack.environment if stack.protected else "")


def unseen(  # noqa: PLR0913 - the last two have names
    target: Target,
    layer: str,
    losses: Sequence[Change],
    options: Sequence[str],
    *,
    strict: bool,
    verb: str = "deploy",
) -> RefusedError:
    """The error for a stack that was pending and turns out to lose what the plan did not show.

    `options` are those with which the command called `verb` plans the same once more; a plan in a
    file has its own layers.
    """
    listed = ", ".join(
        f"{change.logical_id} ({change.resource_type}) {change.loss}" for change in losses
    )
    again = target.command(*(("plan", "--out FILE") if strict else (verb,)), *options)
    return RefusedError(
        f"{layer} was pending when the plan was made, and would have {listed}",
        f"Nothing of {layer} was changed. Run `{again}`: its plan shows what this would do.",
    )


def other_inputs(
    target: Target, entry: Planned, now: Mapping[str, str], options: Sequence[str]
) -> RefusedError:
    """The error for a reviewed change set whose inputs have become others; see `unseen`."""
    reviewed = settled(entry.stack, entry.parameters)
    changed = [
        str(entry.stack.inputs.get(name, name))
        for name in sorted(now.keys() | reviewed.keys())
        if now.get(name) != reviewed.get(name)
    ]
    return RefusedError(
        f"{entry.stack.layer} takes other values than were reviewed: {', '.join(changed)}",
        f"Run `{target.command('plan', '--out FILE', *options)}` and have the new plan reviewed.",
    )
