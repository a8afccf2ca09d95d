"""Planning: comparing each stack with AWS and asking for a change set where it can be asked for."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from hashlib import sha256
from typing import Any, Final

from tapgen.aws.artifacts import Artifacts
from tapgen.aws.cloudformation import ChangeSetRequest, StackState
from tapgen.deploy.adoption import adoptable, import_template
from tapgen.deploy.change_sets import OpenChangeSets
from tapgen.deploy.messages import Message, Planning
from tapgen.deploy.operations import watch_to_rest
from tapgen.deploy.recovery import way_out
from tapgen.deploy.schedule import Emit, Ended, walk
from tapgen.deploy.target import ARTIFACTS_BUCKET, Target
from tapgen.errors import TapgenError
from tapgen.layers.layer import From
from tapgen.stacks.changes import may_change
from tapgen.stacks.graph import Graph
from tapgen.stacks.plan import Adoption, Blocked, Entry, Leftover, Pending, Plan, Planned, Same
from tapgen.stacks.stack import Stack
from tapgen.stacks.status import ROADS, Road
from tapgen.stacks.template import MAX_TEMPLATE_BODY_BYTES

Outputs = Mapping[str, str]
_CREATE: Final = "CREATE"
_UPDATE: Final = "UPDATE"
_IMPORT: Final = "IMPORT"


class Planner:
    """Plans the stacks of a target, taking note of the change sets in `change_sets`."""

    def __init__(self, target: Target, change_sets: OpenChangeSets) -> None:
        self._target = target
        self._change_sets = change_sets

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
            if source.layer in entries:
                outputs = _stable_outputs(entries[source.layer], source)
            else:
                outputs = self._target.outputs(source.layer)
            if outputs is not None and source.output in outputs:
                known[source.layer] = {**known.get(source.layer, {}), **outputs}
            elif not source.optional:
                needs.append(source)
        if needs:
            return Pending(stack, tuple(needs))
        return self.entry_with(layer, known, emit)

    def entry_with(self, layer: str, outputs: Mapping[str, Outputs], emit: Emit[Message]) -> Entry:
        """Plan one layer whose inputs are real; what is in progress is watched to its end first."""
        stack = self._target.stacks[layer]
        state = watch_to_rest(self._target, stack, emit)
        road = ROADS.get(state.status, Road.RECOVER)
        if road is Road.RECREATE:
            return Leftover(stack, state.status)
        if road is Road.RECOVER:
            return Blocked(
                stack,
                state.status,
                f"stack {stack.name} is in {state.status}: {state.reason}".rstrip(": "),
                way_out(self._target, stack, state.status),
            )
        parameters = {**stack.parameters, **input_values(stack, outputs)}
        if road is Road.CREATE:
            return self._creation(stack, parameters)
        return self._update(stack, parameters, state)

    def _creation(self, stack: Stack, parameters: Outputs) -> Planned:
        adoptions = adoptable(stack, parameters, self._target.region_of(stack))
        if adoptions:
            request = self._request(
                stack,
                _IMPORT,
                parameters,
                import_template(stack.template, adoptions),
                [_import(adoption) for adoption in adoptions],
            )
        else:
            request = self._request(stack, _CREATE, parameters)
        planned = self._planned(stack, request, {}, adoptions)
        if planned is None:
            raise TapgenError(f"CloudFormation sees nothing to make in stack {stack.name}")
        return planned

    def _update(self, stack: Stack, parameters: Outputs, state: StackState) -> Entry:
        outputs = state.outputs or {}
        request = self._request(stack, _UPDATE, parameters)
        return self._planned(stack, request, outputs) or Same(stack, outputs)

    def _planned(
        self,
        stack: Stack,
        request: ChangeSetRequest,
        outputs: Outputs,
        adoptions: tuple[Adoption, ...] = (),
    ) -> Planned | None:
        change_set = self._target.cloudformation(stack).create_change_set(request)
        if change_set is None:
            return None
        planned = Planned(stack, request.kind, request.parameters, change_set, outputs, adoptions)
        self._change_sets.add(planned)
        return planned

    def _request(
        self,
        stack: Stack,
        kind: str,
        parameters: Outputs,
        text: str | None = None,
        imports: list[dict[str, Any]] | None = None,
    ) -> ChangeSetRequest:
        text = text or stack.template.text
        # An import may not set the stack's tags; the update that follows it does.
        tags = {} if kind == _IMPORT else dict(stack.tags)
        content = json.dumps([kind, text, dict(parameters), tags, imports], sort_keys=True)
        return ChangeSetRequest(
            stack_name=stack.name,
            name=f"tapgen-{sha256(content.encode()).hexdigest()[:16]}",
            kind=kind,
            template=self._template_argument(stack, text),
            parameters=parameters,
            tags=tags,
            capabilities=stack.template.capabilities,
            imports=imports or (),
        )

    def _template_argument(self, stack: Stack, text: str) -> dict[str, str]:
        if len(text.encode()) <= MAX_TEMPLATE_BODY_BYTES:
            return {"TemplateBody": text}
        bucket = (self._target.outputs(ARTIFACTS_BUCKET.layer) or {}).get(ARTIFACTS_BUCKET.output)
        if bucket is None:
            raise TapgenError(
                f"the template of {stack.layer} has {len(text.encode())} bytes; above "
                f"{MAX_TEMPLATE_BODY_BYTES} it has to be in the artifacts bucket, "
                "which does not exist yet",
                f"Deploy the layer {ARTIFACTS_BUCKET.layer} first, or make the template smaller.",
            )
        region = self._target.stacks[ARTIFACTS_BUCKET.layer].region
        artifacts = Artifacts(self._target.account, region, bucket)
        key = f"templates/{sha256(text.encode()).hexdigest()}.json"
        artifacts.put(key, text.encode())
        return {"TemplateURL": artifacts.url(key)}


def _import(adoption: Adoption) -> dict[str, Any]:
    return {
        "ResourceType": adoption.resource_type,
        "LogicalResourceId": adoption.logical_id,
        "ResourceIdentifier": {adoption.identifier_name: adoption.identifier},
    }


def input_values(stack: Stack, outputs: Mapping[str, Outputs]) -> dict[str, str]:
    """Parameter -> value of the output that fills it; optional ones only where there is a value."""
    values = {
        parameter: outputs.get(source.layer, {}).get(source.output)
        for parameter, source in stack.inputs.items()
    }
    return {parameter: value for parameter, value in values.items() if value is not None}


def _stable_outputs(entry: Entry, source: From) -> Outputs | None:
    """The outputs of a planned layer, unless the plan itself may change the one in question."""
    if isinstance(entry, Same):
        return entry.outputs
    if isinstance(entry, Planned) and not may_change(
        entry.stack.template, source.output, entry.change_set.changes
    ):
        return entry.outputs
    return None
