"""What the reviewed plan did not show: asked about in the middle of a run, or refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock

from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError
from tapgen.model.changes.change import Change
from tapgen.model.plan import Planned

# Asked in the thread that reads the messages, never in a worker's.
Ask = Callable[[Planned], bool]


@dataclass(eq=False)
class Question:
    """Whether a change set that nobody has seen may be executed. It waits for its answer."""

    entry: Planned
    agreed: bool = False
    _answered: Event = field(default_factory=Event)

    def answer(self, *, agreed: bool) -> None:
        """Let the worker go on; the first answer counts."""
        if not self._answered.is_set():
            self.agreed = agreed
            self._answered.set()

    def wait(self) -> bool:
        """The answer, once there is one."""
        self._answered.wait()
        return self.agreed


class Questions:
    """The open questions of a run. When it is broken off, every answer is no."""

    def __init__(self) -> None:
        self._open: list[Question] = []
        self._over = False
        self._lock = Lock()

    def put(self, entry: Planned) -> Question:
        """A new question."""
        question = Question(entry)
        with self._lock:
            self._open.append(question)
            over = self._over
        if over:
            question.answer(agreed=False)
        return question

    def give_up(self) -> None:
        """Answer whatever is open, and whatever is still to come, with no."""
        with self._lock:
            self._over = True
            left = [*self._open]
        for question in left:
            question.answer(agreed=False)


def unseen(target: Target, layer: str, losses: Sequence[Change], *, strict: bool) -> RefusedError:
    """The error for a stack that was pending and turns out to lose what the plan did not show."""
    verbs = {True: "removed", False: "replaced"}
    listed = ", ".join(
        f"{change.logical_id} ({change.resource_type}) {verbs[change.action == 'Remove']}"
        for change in losses
    )
    again = target.command(*(("plan", "--out FILE") if strict else ("deploy",)))
    return RefusedError(
        f"{layer} was pending when the plan was made, and would have {listed}",
        f"Nothing of {layer} was changed. Run `{again}`: its plan shows what this would do.",
    )


def other_inputs(target: Target, entry: Planned, now: Mapping[str, str]) -> RefusedError:
    """The error for a reviewed change set whose inputs have become others."""
    changed = [
        str(entry.stack.inputs.get(name, name))
        for name in sorted(now.keys() | entry.parameters.keys())
        if now.get(name) != entry.parameters.get(name)
    ]
    return RefusedError(
        f"{entry.stack.layer} takes other values than were reviewed: {', '.join(changed)}",
        f"Run `{target.command('plan', '--out FILE')}` and have the new plan reviewed.",
    )
