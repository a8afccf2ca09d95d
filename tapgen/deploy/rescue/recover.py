"""Getting stacks out of states that a deployment cannot continue from.

1. `look` watches operations in progress to their end, and finds out what each stack needs.
2. The caller shows `cases` and asks.
3. `carry_out` makes the calls, dependents first. Each is first tried with all resources. Only if
   that fails is it tried again without the resources that were named to be skipped.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.aws.cloudformation.watch import Watched
from tapgen.deploy.flow.events import Started
from tapgen.deploy.flow.host import Host
from tapgen.deploy.flow.walk import walk
from tapgen.deploy.guards.ownership import refuse_other_owner
from tapgen.deploy.guards.rollouts import rollout_back
from tapgen.deploy.stack import operations
from tapgen.deploy.stack.failures import explain
from tapgen.deploy.stack.next_steps import SKIPPED, failing, mend_or_skip, way_out
from tapgen.deploy.stack.run_each import MAX_CONCURRENCY, ending, run_each
from tapgen.deploy.target.run import Run
from tapgen.errors import UsageError
from tapgen.model.deployed.events import Deleted, Failed, Outcome, RolledBack
from tapgen.model.deployed.stack_status import RecoverAction, actions_for
from tapgen.model.graph import Graph
from tapgen.model.stack import Stack


@dataclass(frozen=True)
class Case:
    """A stack that needs help, its state, and the action.

    `skip` are logical ids to leave out if they fail again, `at_once` those of them that are not
    tried again.
    """

    stack: Stack
    state: StackState
    rescue: RecoverAction
    skip: tuple[str, ...] = ()
    at_once: tuple[str, ...] = ()


@dataclass
class Recovery:
    """One run over an environment, or over some of its layers. `skips` are "layer.LogicalId"."""

    run: Run
    layers: Graph
    skips: frozenset[str] = frozenset()
    cases: dict[str, Case] = field(default_factory=dict)

    def look(self) -> dict[str, Case]:
        """Watch operations in progress to their end, then fill and return `cases`.

        Raises `UsageError` for a skip that no stack can use, and `RefusedError` for a stack that
        belongs to somebody else.
        """
        target = self.run.target
        target.verify_account()

        def at_rest(layer: str, host: Host) -> StackState:
            return operations.watch_to_rest(self.run.heard_by(host), target.stacks[layer])

        found = walk(
            dict.fromkeys(self.layers, frozenset[str]()),
            at_rest,
            self.run.host,
            max_concurrency=MAX_CONCURRENCY,
            stop=self.run.stop_watching,
        )
        for layer in self.layers:
            rescue = actions_for(found[layer].status).recover
            if rescue is not RecoverAction.NOTHING:
                refuse_other_owner(target, target.stacks[layer], found[layer])
                skip = tuple(self._skipped(layer))
                at_once = tuple(self._not_tried(target.stacks[layer], found[layer], skip))
                self.cases[layer] = Case(target.stacks[layer], found[layer], rescue, skip, at_once)
        self._check_skips()
        return self.cases

    def carry_out(self) -> dict[str, Outcome]:
        """Recover every stack of `cases`; return the outcomes."""
        target = self.run.target
        graph = {
            layer: frozenset(other for other in self.cases if layer in target.graph[other])
            for layer in reversed(self.cases)
        }
        return run_each(self.run, graph, self._help, "recover", self._options())

    def _options(self) -> list[str]:
        skips = (f"--skip-resource {skip}" for skip in sorted(self.skips))
        target = self.run.target
        return [*target.only(self.layers), *skips, *target.options.recorded]

    def _skipped(self, layer: str) -> Iterable[str]:
        named = (skip.partition(".") for skip in sorted(self.skips))
        return (logical_id for name, _, logical_id in named if name == layer)

    def _not_tried(self, stack: Stack, state: StackState, skip: Iterable[str]) -> Iterable[str]:
        """The aliases that are skipped without another attempt, which would shift traffic again.

        Traffic may already have been shifted back by hand. Only a failed resource may be skipped
        (ContinueUpdateRollback in the CloudFormation API reference).
        """
        target = self.run.target
        aliases = [name for name in skip if rollout_back(target, stack, name)]
        if not aliases or state.status != "UPDATE_ROLLBACK_FAILED":
            return ()
        events = target.cloudformation(stack).operation(state.stack_id)
        last = {event.logical_id: event for event in events}
        return [name for name in aliases if name in last and last[name].is_failure]

    def _check_skips(self) -> None:
        usable = {
            f"{layer}.{logical_id}"
            for layer, case in self.cases.items()
            for logical_id in case.skip
            if case.state.status in SKIPPED
        }
        if wrong := sorted(self.skips - usable):
            raise UsageError(
                f"these resources cannot be skipped: {', '.join(wrong)}",
                "--skip-resource accepts LAYER.RESOURCE of a stack in "
                f"{' or '.join(SKIPPED)}; `{self.run.target.command('status')}` shows them.",
            )

    def _help(self, run: Run, stack: Stack) -> Outcome:
        case = self.cases[stack.layer]
        if case.rescue is RecoverAction.CONTINUE:
            return self._continue(run, case)
        if case.rescue is RecoverAction.DELETE:
            return self._delete(run, case)
        if case.rescue is RecoverAction.ROLL_BACK:
            run.tell(Started(stack.layer, "rollback"))
            watched = operations.roll_back(run, stack, case.state)
            return ending(run, stack, watched, back=True)
        status = case.state.status
        hint = way_out(run, stack, status)
        return Failed(f"AWS has no call to get a stack out of {status}", status, hint=hint)

    def _continue(self, run: Run, case: Case) -> Outcome:
        stack, state = case.stack, case.state
        run.tell(Started(stack.layer, "rollback"))
        skip = case.at_once
        watched = operations.continue_rollback(run, stack, state, skip)
        if failed := self._still_failing(case, watched):
            skip = (*skip, *failed)
            run.note(stack, f"retrying without {', '.join(skip)}")
            watched = operations.continue_rollback(run, stack, state, skip)
        if watched.state.status == "UPDATE_ROLLBACK_COMPLETE":
            return RolledBack(skip)
        return explain(run, stack, watched, self._how_to_skip(case, watched))

    def _delete(self, run: Run, case: Case) -> Outcome:
        stack, state = case.stack, case.state
        run.cloudformation(stack).protect(state, wanted=False)
        run.tell(Started(stack.layer, "delete"))
        watched = operations.delete(run, stack, state)
        left: tuple[tuple[str, str], ...] = ()
        if skip := self._still_failing(case, watched):
            failed = {event.logical_id: event for event in watched.events if event.is_failure}
            left = tuple((failed[name].resource_type, failed[name].physical_id) for name in skip)
            run.note(stack, f"retrying without {', '.join(skip)}, which is left behind")
            watched = operations.delete(run, stack, state, skip)
        if watched.state.status == "DELETE_COMPLETE":
            return Deleted(retained=left)
        return explain(run, stack, watched, self._how_to_skip(case, watched))

    def _still_failing(self, case: Case, watched: Watched) -> tuple[str, ...]:
        """The resources that may be skipped and have failed again."""
        if watched.state.status not in SKIPPED:
            return ()
        failed = failing(watched)
        return tuple(name for name in case.skip if name in failed)

    def _how_to_skip(self, case: Case, watched: Watched) -> str:
        target = self.run.target
        skips = (f"--skip-resource {case.stack.layer}.{name}" for name in case.skip)
        recorded = target.options.recorded
        again = target.command("recover", f"--layer {case.stack.layer}", *skips, *recorded)
        return mend_or_skip(target, case.stack, watched, again, case.skip)
