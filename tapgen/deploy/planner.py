"""Planning: comparing each stack with AWS and asking for a change set where it can be asked for."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import replace

from tapgen.aws.stack_state import StackState
from tapgen.deploy.adoption import adoptable
from tapgen.deploy.change_sets import OpenChangeSets
from tapgen.deploy.foreign import refuse_unfit
from tapgen.deploy.messages import Message, Planning
from tapgen.deploy.operations import watch_to_rest
from tapgen.deploy.place import refuse_foreign
from tapgen.deploy.recovery import stuck, way_out
from tapgen.deploy.requests import CREATE, IMPORT, RUN_NAME, UPDATE, change_set_request
from tapgen.deploy.schedule import Emit, Ended, walk
from tapgen.deploy.target import Target
from tapgen.errors import TapgenError
from tapgen.layers.layer import From
from tapgen.stacks.changes import Change, may_change
from tapgen.stacks.graph import Graph
from tapgen.stacks.plan import Adoption, Blocked, Entry, Leftover, Pending, Plan, Planned, Same
from tapgen.stacks.stack import Stack
from tapgen.stacks.status import Road, roads
from tapgen.stacks.values import Side, completed, deployed_side

Outputs = Mapping[str, str]


class Planner:
    """Plans the stacks of a target, taking note of the change sets in `change_sets`.

    `mark` ends the names of change sets that are to outlive the run: other runs replace those of
    their own names only.
    """

    def __init__(self, target: Target, change_sets: OpenChangeSets, mark: str = "") -> None:
        self._target = target
        self._change_sets = change_sets
        self._mark = mark

    def plan(self, graph: Graph, max_concurrency: int) -> Generator[Message, None, Plan]:
        """Plan every layer of `graph`, dependencies first; gives the plan when it ends.

        A stack that cannot be planned is `Blocked` with the reason, and the others go on.
        """
        entries: dict[str, Entry] = {}

        def work(layer: str, emit: Emit[Message]) -> Entry:
            emit(Planning(layer))
            try:
                return self.entry(layer, entries, emit)
            except TapgenError as error:
                return Blocked(self._target.stacks[layer], "", error.message, error.hint)

        for item in walk(
            graph,
            work,
            skip=lambda *_: None,
            max_concurrency=max_concurrency,
            stop=self._target.stop_watching,
        ):
            if isinstance(item, Ended):
                entries[item.name] = item.result
            else:
                yield item
        ordered = {layer: entries[layer] for layer in self._target.stacks if layer in entries}
        return Plan(self._target.environment, ordered)

    def entry(self, layer: str, entries: Mapping[str, Entry], emit: Emit[Message]) -> Entry:
        """Plan one layer while the layers it takes from are as `entries` says."""
        stack = self._target.stacks[layer]
        known: dict[str, Outputs] = {}
        needs = []
        for source in dict.fromkeys(stack.inputs.values()):
            if source.producer in entries:
                outputs = _stable_outputs(entries[source.producer], source)
            else:
                outputs = self._target.outputs(source.producer)
            if outputs is not None and source.output in outputs:
                known[source.producer] = {**known.get(source.producer, {}), **outputs}
            elif not source.optional:
                needs.append(source)
        if needs:
            return Pending(stack, tuple(needs))
        return self.entry_with(layer, known, emit)

    def entry_with(self, layer: str, outputs: Mapping[str, Outputs], emit: Emit[Message]) -> Entry:
        """Plan one layer whose inputs are real; what is in progress is watched to its end first."""
        stack = self._target.stacks[layer]
        state = watch_to_rest(self._target, stack, emit)
        refuse_foreign(stack, state)
        road = roads(state.status).deploy
        if road is Road.RECREATE:
            return Leftover(stack, state.status)
        if road is Road.RECOVER:
            return Blocked(
                stack,
                state.status,
                stuck(self._target, stack, state),
                way_out(self._target, stack, state.status),
            )
        parameters = {**stack.parameters, **input_values(stack, outputs)}
        refuse_unfit(stack, parameters)
        if road is Road.CREATE:
            return self._creation(stack, parameters)
        return self._update(stack, parameters, state)

    def _creation(self, stack: Stack, parameters: Outputs) -> Planned:
        adoptions = adoptable(stack, parameters, self._target.region_of(stack))
        planned = self._planned(
            stack, IMPORT if adoptions else CREATE, parameters, StackState(stack.name), adoptions
        )
        if planned is None:
            raise TapgenError(f"CloudFormation sees nothing to make in stack {stack.name}")
        return planned

    def _update(self, stack: Stack, parameters: Outputs, state: StackState) -> Entry:
        planned = self._planned(stack, UPDATE, parameters, state)
        if planned is not None:
            return planned
        # An update would do away with what killed runs left here; there is none to come.
        self._target.cloudformation(stack).sweep(stack.name, RUN_NAME)
        return Same(stack, state.outputs or {}, state.updated)

    def _planned(
        self,
        stack: Stack,
        kind: str,
        parameters: Outputs,
        state: StackState,
        adoptions: tuple[Adoption, ...] = (),
    ) -> Planned | None:
        request = change_set_request(self._target, stack, kind, parameters, adoptions, self._mark)
        change_set = self._target.cloudformation(stack).create_change_set(request)
        if change_set is None:
            return None
        before = state.parameters or {}
        changed = frozenset(n for n, value in parameters.items() if before.get(n) != value)
        outputs = state.outputs or {}
        planned = Planned(stack, kind, parameters, change_set, outputs, adoptions, changed)
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
            text = self._target.cloudformation(stack).template(stack.name)
            before = deployed_side(stack, text, state.parameters or {}, state.tags or {})
        after = Side(stack.template, parameters, stack.tags, stack.account_id, stack.region)
        return completed(changes, before, after)


def input_values(stack: Stack, outputs: Mapping[str, Outputs]) -> dict[str, str]:
    """Parameter -> value of the output that fills it; optional ones only where there is a value."""
    values = {
        parameter: outputs.get(source.producer, {}).get(source.output)
        for parameter, source in stack.inputs.items()
    }
    return {parameter: value for parameter, value in values.items() if value is not None}


def _stable_outputs(entry: Entry, source: From) -> Outputs | None:
    """The outputs of a planned layer, unless the plan itself may change the one in question."""
    if isinstance(entry, Same):
        return entry.outputs
    if isinstance(entry, Planned) and not may_change(
        entry.stack.template, source.output, entry.change_set.changes, entry.changed
    ):
        return entry.outputs
    return None
