"""Deploying one environment: plan everything that can be planned, then carry it out.

1. `plan` compares every stack with AWS and creates change sets for those whose inputs are known.
2. The caller shows the plan and may stop there; `carry_out` carries it out.
3. A stack starts as soon as the last stack it takes from has succeeded. It executes the reviewed
   change set if its inputs are unchanged; a stack that was pending is planned now.
4. Before a change set is executed: the guards of the engine and of the platform, the upload of
   function code. Afterwards: stack policy and termination protection.
5. A failed stack's descendants are skipped; everything independent continues to its end.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from typing import Any

from tapgen.aws.cloudformation.watch import StoppedError
from tapgen.deploy.flow.events import Finished, PlanReady
from tapgen.deploy.flow.host import Host
from tapgen.deploy.flow.walk import Broke, walk
from tapgen.deploy.guards.guard import Subject, asked
from tapgen.deploy.guards.region_guard import refuse_other_region
from tapgen.deploy.guards.whole_plan import error_of, guarded
from tapgen.deploy.hooks.hook import planned_hooks
from tapgen.deploy.plan.planner import Planner
from tapgen.deploy.run.step import Choices, Shared, Step
from tapgen.deploy.stack.failures import not_done
from tapgen.deploy.stack.open_change_sets import OpenChangeSets
from tapgen.deploy.target.elsewhere import refuse_unreadable
from tapgen.deploy.target.inputs import Outputs
from tapgen.deploy.target.run import Run
from tapgen.errors import TapgenError
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
from tapgen.model.plan import Entry, NoChange, Pending, Plan


@dataclass
class Deployment:
    """One run over an environment, or over the layers of `graph`."""

    run: Run
    graph: Graph
    choices: Choices = field(default_factory=Choices)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    _change_sets: OpenChangeSets = field(init=False)
    _planner: Planner = field(init=False)
    _inbox: SimpleQueue[Any] = field(default_factory=SimpleQueue)

    def __post_init__(self) -> None:
        self._change_sets = OpenChangeSets(self.run)
        choices = self.choices
        self.run.state.asked = choices.asked
        self._planner = Planner(
            self.run,
            self._change_sets,
            choices.mark,
            full=choices.full,
            consent=choices.consent,
        )

    def narrow(self, layers: Collection[str]) -> None:
        """Keep to these layers: those of a plan that was made before."""
        target = self.run.target
        self.graph = target.part(layers)
        self.choices = self.choices.of_layers(target, layers)
        self.run.state.asked = self.choices.asked

    def plan(self, host: Host) -> Plan:
        """Check account, region and guards, then plan, and call the guards for the whole plan.

        The plan contains their refusals; a plan with refusals must not be carried out. If planning
        is interrupted, the change sets created so far are discarded.
        """
        target = self.run.target
        target.verify_account()
        target.verify_others(self.graph)
        refuse_unreadable(target, self.graph)
        refuse_other_region(target)
        if refusals := asked(self._subject())[1]:
            raise error_of({"": refusals})
        try:
            plan = self.guarded(self._planner.plan(self.graph, host, self._inbox))
        except BaseException:
            self._change_sets.discard_all()
            raise
        host.tell(PlanReady(plan))
        return plan

    def guarded(self, plan: Plan) -> Plan:
        """The plan with the guards' refusals, except for what was allowed, and with its hooks."""
        seen = guarded(plan, self._subject(), self.choices.allowed_losses)
        return replace(seen, hooks=planned_hooks(self.run, plan))

    def _subject(self) -> Subject:
        return Subject(self.run.target, self.graph, None, self.outputs, self.choices.lifted)

    def carry_out(self, plan: Plan, host: Host) -> dict[str, Outcome]:
        """Carry out the plan; return the outcomes, in the order of `graph`.

        A stack that was pending continues without a question unless its change set replaces or
        removes something: then the host is asked. If the run must not ask, or the answer is no, the
        stack is refused.

        Change sets that were not executed are discarded at the end, however the run ends.
        """
        if plan.is_complete:
            self._leave(plan, host)
        else:
            for entry in plan.planned:
                self._change_sets.add(entry)
            try:
                self._walk(plan, host)
            finally:
                self._change_sets.discard_all()
                self.run.keep_durations()
        return {layer: self.outcomes[layer] for layer in self.graph if layer in self.outcomes}

    def reconsidered(self, plan: Plan, elsewhere: Mapping[str, Entry]) -> Plan:
        """The plan if others are carried out before it, see `Planner.with_pending`."""
        entries = self._planner.with_pending(plan.entries, elsewhere)
        # Guards are called for an entry that became pending when it is planned again.
        refusals = {
            layer: each
            for layer, each in plan.refusals.items()
            if not isinstance(entries.get(layer), Pending)
        }
        return replace(plan, entries=entries, refusals=refusals)

    def stop(self) -> None:
        """Interrupt the run from another thread: nothing new is started, and waiting ends."""
        self.run.state.stopping = True
        self.run.stop_watching()
        self._inbox.put(Broke(StoppedError("the run was interrupted")))

    def discard(self, plan: Plan | None = None) -> None:
        """Delete the plan's change sets, and the empty stacks that exist only because of them.

        Other open change sets are deleted too, for example those of an incomplete plan.
        """
        self._change_sets.discard_all(plan.planned if plan else ())

    def outputs(self, producer: str) -> Outputs:
        """The outputs of a layer as this run left them, or else as they are in AWS.

        Guards and hooks call it, too. Raises `UsageError` if the platform has no such layer.
        """
        outcome = self.outcomes.get(producer)
        if isinstance(outcome, Created | Updated | Unchanged):
            return outcome.outputs
        target = self.run.target
        return (
            target.own_outputs(producer) if producer.isalnum() else target.outputs(producer) or {}
        )

    def _leave(self, plan: Plan, host: Host) -> None:
        """Report a plan without changes as carried out; AWS is not called."""
        same = [entry for entry in plan.entries.values() if isinstance(entry, NoChange)]
        for entry in same:
            layer = entry.stack.layer
            outcome = self.outcomes[layer] = Unchanged(entry.outputs)
            host.tell(Finished(layer, outcome, 0.0))

    def _walk(self, plan: Plan, host: Host) -> None:
        shared = Shared(self._change_sets, self._planner, self.outputs, self.choices)

        def work(layer: str, host: Host) -> Outcome:
            try:
                return Step(self.run.heard_by(host), shared, plan.entries[layer]).carry_out()
            except StoppedError:
                return Skipped("interrupted")
            except TapgenError as error:
                return not_done(self.run, layer, error, self.run.again())

        def ended(layer: str, outcome: Outcome, seconds: float) -> None:
            self.outcomes[layer] = outcome
            self.run.state.trace(layer).seconds = seconds
            host.tell(Finished(layer, outcome, seconds))

        walk(
            self.graph,
            work,
            host,
            skip=self._skip,
            ended=ended,
            max_concurrency=self.choices.max_concurrency,
            stop=self.run.stop_watching,
            inbox=self._inbox,
        )

    def _skip(self, layer: str, results: Mapping[str, Outcome]) -> Outcome | None:
        if self.run.state.stopping:
            return Skipped("interrupted")
        failed = [
            name
            for name in self.run.target.stacks
            if name in self.graph[layer] and name in results and not succeeded(results[name])
        ]
        if not failed:
            return None
        words = {True: "failed", False: "was skipped"}
        return Skipped(
            ", ".join(f"{name} {words[isinstance(results[name], Failed)]}" for name in failed)
        )
