"""Planning: each stack is compared with AWS, and a change set is created if that is possible."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from queue import SimpleQueue
from typing import Any, Final

from tapgen.aws.cloudformation.change_sets import CREATE, IMPORT, UPDATE
from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.deploy.adopt.consent import NO_CONSENT, Consent, found
from tapgen.deploy.adopt.foreign_text import as_json
from tapgen.deploy.adopt.takeover import NOTHING, Takeover, Takeovers
from tapgen.deploy.flow.events import Planning
from tapgen.deploy.flow.host import Host
from tapgen.deploy.flow.walk import walk
from tapgen.deploy.guards.ownership import is_foreign, refuse_other_owner, refuse_to_adopt
from tapgen.deploy.guards.protection import loses_protection
from tapgen.deploy.plan.requests import RUN_NAME, change_set_request
from tapgen.deploy.plan.unchanged import same, unchanged
from tapgen.deploy.stack.next_steps import stuck, way_out
from tapgen.deploy.stack.open_change_sets import OpenChangeSets
from tapgen.deploy.stack.operations import watch_to_rest
from tapgen.deploy.target.elsewhere import outputs_elsewhere, refuse_unfit
from tapgen.deploy.target.inputs import Outputs, input_values, missing_inputs
from tapgen.deploy.target.run import Run
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.changes.change import Change, may_change
from tapgen.model.changes.settling import is_unsettled, settled, unsettled
from tapgen.model.changes.values import Side, completed, deployed_side
from tapgen.model.deployed.stack_status import (
    ABSENT,
    DeployAction,
    actions_for,
    in_progress,
    usable,
)
from tapgen.model.graph import Graph
from tapgen.model.layer import Source
from tapgen.model.plan import (
    Blocked,
    Entry,
    FailedCreation,
    NoChange,
    Pending,
    Plan,
    Planned,
)
from tapgen.model.stack import Stack

# Stacks that are compared at the same time; more would only be throttled.
_PARALLEL_STACKS: Final = 12


class Planner:
    """Plans the stacks of a target and adds the change sets to `change_sets`.

    `mark` is the suffix of change sets that are kept after the run: other runs replace only change
    sets of their own names. `full` creates a change set even if a stack is known to be unchanged.
    `consent` says what may be taken over although it is not known to be the environment's.
    """

    def __init__(
        self,
        run: Run,
        change_sets: OpenChangeSets,
        mark: str = "",
        *,
        full: bool = False,
        consent: Consent = NO_CONSENT,
    ) -> None:
        self._run = run
        self._target = run.target
        self._change_sets = change_sets
        self._mark = mark
        self._full = full
        self._consent = consent
        self._takeovers = Takeovers(self._target, consent)
        # Stacks that were seen to be absent, until they are planned.
        self._absent: dict[str, StackState] = {}

    def plan(self, graph: Graph, host: Host, inbox: SimpleQueue[Any] | None = None) -> Plan:
        """Plan every layer of `graph`; `inbox` is that of the walk over them.

        All stacks are compared at the same time, with the current outputs of the others. A stack
        waits only for those of its inputs that are in progress. Afterwards a stack becomes pending
        if the plan itself may change its inputs. One that cannot be planned is `Blocked` with the
        reason; the others continue.

        Raises `RefusedError` if a stack that the plan reads belongs to somebody else.
        """
        stacks = self._target.stacks
        states = self._target.states(self._target.concerned(graph))
        for layer, state in states.items():
            self._refuse_other_owner(stacks[layer], state)
        self._absent = {layer: state for layer, state in states.items() if state.status == ABSENT}
        found: dict[str, Entry] = {}

        def work(layer: str, host: Host) -> Entry:
            host.tell(Planning(layer))
            try:
                return self._entry(self._run.heard_by(host), layer, states, found)
            except TapgenError as error:
                refused = isinstance(error, RefusedError)
                return Blocked(stacks[layer], "", error.message, error.hint, refused)

        def ended(layer: str, entry: Entry, _: float) -> None:
            found[layer] = entry

        moving = {layer for layer, state in states.items() if in_progress(state.status)}
        walk(
            {layer: graph[layer] & moving for layer in graph},
            work,
            host,
            ended=ended,
            max_concurrency=_PARALLEL_STACKS,
            stop=self._run.stop_watching,
            inbox=inbox,
        )
        unprotects = tuple(
            layer
            for layer in stacks
            if layer in found and loses_protection(stacks[layer], states[layer])
        )
        return Plan(self._target.environment, self.with_pending(found), unprotects)

    def _entry(
        self,
        run: Run,
        layer: str,
        states: Mapping[str, StackState],
        found: Mapping[str, Entry],
    ) -> Entry:
        """Plan one layer with the current outputs of the layers that it takes from."""
        stack = self._target.stacks[layer]
        outputs = {name: _outputs(states[name], found.get(name)) for name in stack.dependencies}
        outputs |= outputs_elsewhere(self._target, stack)
        needs = missing_inputs(stack, outputs)
        if needs:
            if layer in self._absent:
                self._takeovers.foresee(stack)
            return Pending(stack, needs)
        return self.entry_with(run, layer, outputs, states[layer])

    def with_pending(
        self, found: Mapping[str, Entry], elsewhere: Mapping[str, Entry] | None = None
    ) -> dict[str, Entry]:
        """The entries in order; pending if a planned change may change their inputs.

        `elsewhere` are the entries of other environments' layers, by "environment.layer".
        """
        entries: dict[str, Entry] = {}
        known = dict(elsewhere or {})
        discarded = []
        for layer in self._target.stacks:
            if layer not in found:
                continue
            entry = entries[layer] = known[layer] = found[layer]
            if not isinstance(entry, Planned | NoChange):
                continue
            needs = tuple(
                source
                for source in dict.fromkeys(entry.stack.inputs.values())
                if source.producer in known and not _stable(known[source.producer], source)
            )
            if needs:
                entries[layer] = known[layer] = Pending(entry.stack, needs)
                discarded += [entry] if isinstance(entry, Planned) else []
        with ThreadPoolExecutor(_PARALLEL_STACKS) as pool:
            list(pool.map(self._change_sets.discard, discarded))
        return entries

    def entry_with(
        self,
        run: Run,
        layer: str,
        outputs: Mapping[str, Outputs],
        state: StackState | None = None,
    ) -> Entry:
        """Plan one layer whose inputs are real; what is in progress is watched to its end first.

        `state` is the stack's, where it was just read.
        """
        stack = self._target.stacks[layer]
        absent = self._absent.pop(layer, None)  # valid once: the stack may be created next
        state = watch_to_rest(run, stack, state or absent)
        self._refuse_other_owner(stack, state)
        action = actions_for(state.status).deploy
        if action is DeployAction.RECREATE:
            return FailedCreation(stack, state.status)
        if action is DeployAction.RECOVER:
            return Blocked(
                stack,
                state.status,
                stuck(self._target, stack, state),
                way_out(self._run, stack, state.status),
            )
        parameters = {**stack.parameters, **input_values(stack, outputs)}
        refuse_unfit(self._target, stack, parameters)
        if action is DeployAction.CREATE:
            return self._creation(stack, unsettled(stack, parameters))
        full = self._full or (self._consent.covers(stack) and self._consent.named)
        if not full and unchanged(self._run, stack, state, parameters):
            return same(stack, state)
        return self._update(stack, parameters, state)

    def _refuse_other_owner(self, stack: Stack, state: StackState) -> None:
        refuse = refuse_to_adopt if self._consent.covers(stack) else refuse_other_owner
        refuse(self._target, stack, state)

    def _creation(self, stack: Stack, parameters: Outputs) -> Planned:
        # An import accepts neither role nor tags, so the stack is created with them first.
        nothing = StackState(stack.name)
        taken = self._takeovers.of(stack, parameters, nothing)
        return _some(self._planned(stack, CREATE, parameters, nothing, taken), stack)

    def settlement(self, entry: Planned, state: StackState) -> Planned:
        """The update that adds deletion protection to the stack that `entry` created.

        Everything else stays as planned: other changes are left to the next plan.
        """
        stack = entry.stack
        return _some(self._planned(stack, UPDATE, settled(stack, entry.parameters), state), stack)

    def _update(self, stack: Stack, parameters: Outputs, state: StackState) -> Entry:
        """Plan an update. If deletion protection is still missing, other changes come first.

        Resources that were left behind outside the stack are taken over before anything else.
        """
        taken = self._takeovers.of(stack, parameters, state)
        if taken.adoptions:
            # A stack that was created only to adopt has no deletion protection yet.
            values = parameters if state.parameters else unsettled(stack, parameters)
            return _some(self._planned(stack, IMPORT, values, state, taken), stack)
        wanted = [parameters]
        if is_unsettled(stack, state.parameters or {}):
            wanted.insert(0, unsettled(stack, parameters))
        for values in wanted:
            if (planned := self._planned(stack, UPDATE, values, state)) is not None:
                return planned
        # An update would replace the change sets that killed runs left here; none follows.
        self._run.cloudformation(stack).sweep(stack.name, RUN_NAME)
        return NoChange(stack, state.outputs or {}, state.updated)

    def _planned(
        self,
        stack: Stack,
        kind: str,
        parameters: Outputs,
        state: StackState,
        taken: Takeover = NOTHING,
    ) -> Planned | None:
        request = change_set_request(
            self._target, stack, kind, parameters, taken.adoptions, self._mark, taken.deployed
        )
        change_set = self._run.cloudformation(stack).create_change_set(request)
        if change_set is None:
            return None
        before = state.parameters or {}
        changed = frozenset(n for n, value in parameters.items() if before.get(n) != value)
        outputs = state.outputs or {}
        foreign = found(stack, state) if is_foreign(stack, state) else None
        planned = Planned(
            stack,
            kind,
            parameters,
            change_set,
            outputs,
            taken.adoptions,
            changed,
            foreign,
            taken.differences,
            taken.made,
        )
        self._change_sets.add(planned)  # before anything else can fail
        changes = self._with_values(stack, change_set.changes, parameters, state)
        planned = replace(planned, change_set=replace(change_set, changes=changes))
        self._change_sets.add(planned)
        return planned

    def _with_values(
        self, stack: Stack, changes: tuple[Change, ...], parameters: Outputs, state: StackState
    ) -> tuple[Change, ...]:
        """The changes with values before and after, and without secrets."""
        before = None
        if any(change.details for change in changes):
            text = as_json(self._target.cloudformation(stack).template(stack.name))
            before = deployed_side(stack, text, state.parameters or {}, state.tags or {})
        after = Side(stack.template, parameters, stack.tags, stack.account_id, stack.region)
        return completed(changes, before, after)


def _some(planned: Planned | None, stack: Stack) -> Planned:
    """The change set; raises `TapgenError` if there is none although there must be changes."""
    if planned is None:
        raise TapgenError(f"CloudFormation sees nothing to do in stack {stack.name}")
    return planned


def _outputs(state: StackState, entry: Entry | None) -> Outputs:
    """The current outputs of a stack; `entry` is newer than `state` if it was in progress."""
    if isinstance(entry, Planned | NoChange):
        return entry.outputs
    return (state.outputs or {}) if usable(state.status) else {}


def _stable(entry: Entry, source: Source) -> bool:
    """Whether the planned change to a layer leaves this output as it is."""
    if isinstance(entry, Planned) and not entry.adoptions:
        changes, changed = entry.change_set.changes, entry.changed
        return not may_change(entry.stack.template, source.output, changes, changed)
    return isinstance(entry, NoChange)
