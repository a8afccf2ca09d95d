"""Deploying an environment: plan everything that can be planned, ask, then carry it out.

The stages, each a function below:

1. `plan` compares every stack with AWS and creates change sets for those whose inputs are real.
2. Whoever reads the messages sees the plan and may stop there; `carry_out` does what it says.
3. A stack starts the moment the last stack it takes from has ended well. It executes the reviewed
   change set if its inputs still are what they were; a stack that was pending is planned now.
4. Before a change set is executed: the guard against losing data, the delegation check, the upload
   of function code. Afterwards: stack policy and termination protection.
5. A failed stack's descendants are skipped; everything independent goes on to its end.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field

from tapgen.aws.cloudformation.watch import StoppedError
from tapgen.deploy.flow.events import Finished, Interrupted, Message, PlanReady
from tapgen.deploy.flow.walk import Emit, Ended, Work, walk
from tapgen.deploy.guards.region_guard import refuse_other_region
from tapgen.deploy.plan.approval import Ask, Question, Questions
from tapgen.deploy.plan.planner import Planner
from tapgen.deploy.run.step import Run, Step
from tapgen.deploy.stack.interrupt import Interrupt
from tapgen.deploy.stack.interruption import interrupted, still_running_note
from tapgen.deploy.stack.open_change_sets import OpenChangeSets
from tapgen.deploy.target.inputs import Outputs
from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.deployed.events import (
    Created,
    Failed,
    Outcome,
    Skipped,
    Unchanged,
    Updated,
    succeeded,
)
from tapgen.model.graph import Graph
from tapgen.model.plan import Entry, NoChange, Plan, Planned
from tapgen.payments.guards.rotation import refuse_broken_rotation

DEFAULT_CONCURRENCY = 8


@dataclass
class Deployment:
    """One run over an environment, or over some of its layers.

    `strict` carries out a plan that was reviewed as a file: its change sets or none. `mark` ends
    the names of change sets that are to outlive the run. `full` asks for a change set also where a
    stack is seen to be unchanged.
    """

    target: Target
    graph: Graph
    max_concurrency: int = DEFAULT_CONCURRENCY
    allowed_losses: frozenset[str] = frozenset()
    skip_delegation_check: bool = False
    allow_capacity_reset: bool = False
    strict: bool = False
    mark: str = ""
    full: bool = False
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    brake: Interrupt = field(init=False)
    _change_sets: OpenChangeSets = field(init=False)
    _planner: Planner = field(init=False)
    _questions: Questions = field(default_factory=Questions)

    def __post_init__(self) -> None:
        self.brake = Interrupt(self.target)
        self._change_sets = OpenChangeSets(self.target)
        self._planner = Planner(self.target, self._change_sets, self.mark, full=self.full)

    def plan(self) -> Generator[Message, None, None]:
        """Check account, region and origin secret, then plan; the last message carries the plan.

        When planning is broken off, the change sets made so far are discarded.
        """
        self.target.verify_account()
        self.target.verify_others(self.graph)
        refuse_other_region(self.target)
        refuse_broken_rotation(self.target, self.graph)
        try:
            plan = yield from self._planner.plan(self.graph, self.brake.inbox)
        except BaseException:
            self._change_sets.discard_all()
            raise
        yield PlanReady(plan)

    def carry_out(self, plan: Plan, ask: Ask | None = None) -> Generator[Message, None, None]:
        """Do what the plan says. `outcomes` is complete when the messages end.

        A stack that was pending goes on by itself unless it turns out to replace or remove
        something: then `ask` is asked. Without it, or when it says no, the stack is refused.

        Change sets that were not executed are discarded at the end, whichever way it comes. Raises
        `InterruptedRunError` on Ctrl-C.
        """
        if plan.is_complete:
            yield from self._leave(plan)
            return
        shared = Run(
            self.target,
            self._change_sets,
            self._planner,
            self.outputs,
            self.allowed_losses,
            self.skip_delegation_check,
            self.allow_capacity_reset,
            self.strict,
            self._approve if ask else lambda *_: False,
        )

        def work(layer: str, emit: Emit[Message | Question]) -> Outcome:
            try:
                return Step(shared, plan.entries[layer], emit).run()
            except StoppedError:
                return Skipped("interrupted")
            except TapgenError as error:
                return Failed(
                    error.message + still_running_note(self.target, layer),
                    hint=error.hint,
                    refused=isinstance(error, RefusedError),
                )

        for entry in _planned(plan):
            self._change_sets.add(entry)
        try:
            yield from self._follow(work, ask)
        except KeyboardInterrupt:
            raise interrupted(self.target, "deploy") from None
        finally:
            self._change_sets.discard_all()
            self.target.keep_durations()

    def reconsidered(self, plan: Plan, elsewhere: Mapping[str, Entry]) -> Plan:
        """The plan where others are carried out before it: `elsewhere` as in `Planner.settled`."""
        return Plan(plan.environment, self._planner.with_pending(plan.entries, elsewhere))

    def stop(self) -> None:
        """Begin nothing new, and wake whoever waits for something long, be it for the workers."""
        self.target.closing = True
        self._stop()
        self.brake.inbox.put(Interrupted("broken off"))

    def discard(self, plan: Plan) -> None:
        """Remove the plan's change sets, and the shells of stacks that exist only through them."""
        self._change_sets.discard_all(_planned(plan))

    def outputs(self, producer: str) -> Outputs:
        """The outputs of a layer as this run left them, or as AWS has them."""
        outcome = self.outcomes.get(producer)
        if isinstance(outcome, Created | Updated | Unchanged):
            return outcome.outputs
        return self.target.outputs(producer) or {}

    def _leave(self, plan: Plan) -> Iterator[Message]:
        """Let everything be, as the plan says; nobody is asked for it."""
        same = [entry for entry in plan.entries.values() if isinstance(entry, NoChange)]
        for entry in same:
            layer = entry.stack.layer
            outcome = self.outcomes[layer] = Unchanged(entry.outputs)
            yield Finished(layer, outcome, 0.0)

    def _approve(self, entry: Planned, emit: Emit[Message | Question]) -> bool:
        question = self._questions.put(entry)
        emit(question)
        return question.wait()

    def _follow(
        self, work: Work[Message | Question, Outcome], ask: Ask | None
    ) -> Iterator[Message]:
        items = walk(
            self.graph,
            work,
            skip=self._skip,
            max_concurrency=self.max_concurrency,
            stop=self._stop,
            inbox=self.brake.inbox,
        )
        with closing(items):
            for item in items:
                if isinstance(item, Question):
                    item.answer(agreed=ask is not None and ask(item.entry))
                elif isinstance(item, Ended):
                    self.outcomes[item.name] = item.result
                    yield Finished(item.name, item.result, item.seconds)
                else:
                    yield item

    def _stop(self) -> None:
        """Wake every worker that waits for something long."""
        self._questions.give_up()
        self.target.stop_watching()

    def _skip(self, layer: str, results: Mapping[str, Outcome]) -> Outcome | None:
        if self.target.closing:
            return Skipped("interrupted")
        failed = [
            name
            for name in self.target.stacks
            if name in self.graph[layer] and name in results and not succeeded(results[name])
        ]
        if not failed:
            return None
        words = {True: "failed", False: "was skipped"}
        return Skipped(
            ", ".join(f"{name} {words[isinstance(results[name], Failed)]}" for name in failed)
        )


def _planned(plan: Plan) -> list[Planned]:
    return [entry for entry in plan.entries.values() if isinstance(entry, Planned)]
