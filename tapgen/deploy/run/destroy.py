"""Destroying an environment: dependents first, data kept unless it is purged on purpose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tapgen.aws.cloudformation.stack_state import UNDER_REVIEW, StackState
from tapgen.aws.cloudformation.watch import StoppedError
from tapgen.aws.resources.retained import KINDS, purge
from tapgen.deploy.flow.events import Finished, Message, Note, Started
from tapgen.deploy.flow.walk import Emit, Ended, Work, walk
from tapgen.deploy.observe.inspection import states
from tapgen.deploy.plan.adoption import adoptable
from tapgen.deploy.stack import operations
from tapgen.deploy.stack.failures import explain
from tapgen.deploy.stack.interrupt import Interrupt
from tapgen.deploy.stack.interruption import interrupted, still_running_note
from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.deployed.events import Deleted, Failed, Outcome, Skipped, succeeded
from tapgen.model.deployed.stack_status import ABSENT
from tapgen.model.graph import Graph, descendants
from tapgen.model.stack import Stack
from tapgen.model.templates.template import Template

# What is deleted first: whatever is found through, or encrypted with, something later in the list.
_PURGE_LAST = ("AWS::KMS::Alias", "AWS::KMS::Key")

Resource = tuple[str, str]


@dataclass
class Destruction:
    """One run over an environment, or over some of its layers."""

    target: Target
    layers: Graph
    purge_data: bool = False
    max_concurrency: int = 8
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    brake: Interrupt = field(init=False)

    def __post_init__(self) -> None:
        self.brake = Interrupt(self.target)

    def check(self) -> None:
        """Raise `RefusedError` where the environment is protected or others need the layers."""
        protected = [layer for layer in self.layers if self.target.stacks[layer].protected]
        if protected:
            raise RefusedError(
                f"{self.target.environment} is protected",
                f"Set `protection: false` in its YAML file and deploy that first: "
                f"`{self.target.command('deploy')}`.",
            )
        graph = self.target.graph
        below = {other for layer in self.layers for other in descendants(graph, layer)}
        outside = below - self.layers.keys()
        found = states(
            self.target, [layer for layer in graph if layer in outside | set(self.layers)]
        )
        locked = [name for name in self.layers if found[name].termination_protection]
        if locked:
            raise RefusedError(
                f"termination protection of {', '.join(locked)} is on",
                f"It goes off when the environment's settings are deployed: "
                f"`{self.target.command('deploy')}`.",
            )
        needed = [name for name in found if name in outside and found[name].status != ABSENT]
        if needed:
            raise RefusedError(
                f"{', '.join(needed)} would lose what they take from {', '.join(self.layers)}",
                "Destroy them too: " + " ".join(f"--layer {name}" for name in needed),
            )

    def run(self) -> Iterator[Message]:
        """Delete the stacks. `outcomes` is complete when the messages end."""
        graph = {
            layer: frozenset(other for other in self.layers if layer in self.target.graph[other])
            for layer in reversed(list(self.layers))
        }

        def work(layer: str, emit: Emit[Message]) -> Outcome:
            try:
                return self._destroy(self.target.stacks[layer], emit)
            except StoppedError:
                return Skipped("interrupted")
            except TapgenError as error:
                return Failed(
                    error.message + still_running_note(self.target, layer), hint=error.hint
                )

        try:
            yield from self._follow(graph, work)
        except KeyboardInterrupt:
            raise interrupted(self.target, "destroy") from None

    def _follow(self, graph: Graph, work: Work[Message, Outcome]) -> Iterator[Message]:
        for item in walk(
            graph,
            work,
            skip=self._skip,
            max_concurrency=self.max_concurrency,
            stop=self.target.stop_watching,
            inbox=self.brake.inbox,
        ):
            if isinstance(item, Ended):
                self.outcomes[item.name] = item.result
                yield Finished(item.name, item.result, item.seconds)
            else:
                yield item

    def _skip(self, layer: str, results: Mapping[str, Outcome]) -> Outcome | None:
        if self.target.closing:
            return Skipped("interrupted")
        graph = self.target.graph
        failed = [
            name
            for name, outcome in results.items()
            if layer in graph[name] and not succeeded(outcome)
        ]
        return Skipped(f"{', '.join(failed)} still takes from it") if failed else None

    def _destroy(self, stack: Stack, emit: Emit[Message]) -> Outcome:
        state = operations.watch_to_rest(self.target, stack, emit)
        kept: tuple[Resource, ...] = ()
        if state.status != ABSENT:
            kept = self._kept(stack, state)
            emit(Started(stack.layer, "delete"))
            watched = operations.delete(self.target, stack, state, emit)
            if watched.state.status != "DELETE_COMPLETE":
                again = self.target.command("destroy", "--layer", stack.layer)
                hint = f"Mend the cause, then run `{again}` again."
                return explain(self.target, stack, watched, hint)
        if not self.purge_data:
            return Deleted(retained=kept)
        return Deleted(purged=self._purge(stack, kept, emit))

    def _kept(self, stack: Stack, state: StackState) -> tuple[Resource, ...]:
        """What CloudFormation will leave behind, as the deployed template says."""
        if state.status == UNDER_REVIEW:
            return ()
        cloudformation = self.target.cloudformation(stack)
        retained = Template(stack.layer, cloudformation.template(stack.name)).retained
        resources = cloudformation.resources(stack.name)
        return tuple(resources[name] for name in sorted(retained) if name in resources)

    def _purge(
        self, stack: Stack, kept: tuple[Resource, ...], emit: Emit[Message]
    ) -> tuple[Resource, ...]:
        region = self.target.region_of(stack)
        named = adoptable(stack, stack.parameters, region)
        found = {*kept, *((adoption.resource_type, adoption.identifier) for adoption in named)}
        resources = sorted(
            (resource for resource in found if resource[0] in KINDS),
            key=_purge_order,
        )
        for resource_type, identifier in resources:
            emit(Note(stack.layer, f"deleting {resource_type} {identifier} and what is in it"))
            purge(region, resource_type, identifier)
        return tuple(resources)


def _purge_order(resource: Resource) -> tuple[int, Resource]:
    last = resource[0] in _PURGE_LAST
    return (_PURGE_LAST.index(resource[0]) if last else -1, resource)
