"""Destroying an environment: dependents first, data kept unless it is purged on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tapgen.aws.cloudformation.stack_state import UNDER_REVIEW, StackState
from tapgen.aws.cloudformation.watch import StoppedError
from tapgen.aws.resources.kept import LeftError, find, found_again, key_of, purge
from tapgen.deploy.adopt.left_behind import left_behind
from tapgen.deploy.flow.events import Finished, Started
from tapgen.deploy.flow.host import Host
from tapgen.deploy.flow.walk import walk
from tapgen.deploy.guards.guard import guards_of
from tapgen.deploy.guards.ownership import refuse_other_owner
from tapgen.deploy.observe.inspection import states
from tapgen.deploy.stack import operations
from tapgen.deploy.stack.failures import explain, not_done
from tapgen.deploy.stack.interrupt import Interrupt
from tapgen.deploy.stack.interruption import interrupted
from tapgen.deploy.stack.next_steps import mend_or_skip
from tapgen.deploy.target.run import Asked, Run
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.deployed.events import Deleted, Outcome, Skipped, succeeded
from tapgen.model.deployed.stack_status import ABSENT
from tapgen.model.graph import Graph, descendants
from tapgen.model.platform import ALLOW_UNPROTECT
from tapgen.model.stack import Stack
from tapgen.model.templates.template import Template

# Deleted last, in this order: what other resources are found through, or encrypted with.
_PURGE_LAST: Final = ("AWS::KMS::Alias", "AWS::KMS::Key")

PURGE_DATA: Final = "--purge-data"

# Type and physical id; retained resources with their declarations.
Resource = tuple[str, str]
Kept = Mapping[Resource, Mapping[str, Any]]


@dataclass
class Destruction:
    """One run over an environment, or over some of its layers.

    `check` fills `idle`: whether there is no stack to delete.
    """

    run: Run
    layers: Graph
    purge_data: bool = False
    max_concurrency: int = 8
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    idle: bool = False

    def __post_init__(self) -> None:
        self.run.state.asked = Asked("destroy", self._options(purge=self.purge_data))

    @property
    def again(self) -> str:
        """The command that completes this run."""
        return self.run.again()

    @property
    def purge(self) -> str:
        """The command that deletes the data of these layers only."""
        return self.run.target.command("destroy", *self._options(purge=True))

    def check(self) -> None:
        """Raise `RefusedError` if the layers must not be destroyed.

        That is if the environment is protected, other layers need them, a stack belongs to somebody
        else, or a guard of the platform refuses. Reports the guards' notes.
        """
        target = self.run.target
        protected = [layer for layer in self.layers if target.stacks[layer].protected]
        if protected:
            raise RefusedError(
                f"{target.environment} is protected",
                f"Set `protection: false` in its YAML file, and deploy that first: "
                f"`{target.command('deploy', ALLOW_UNPROTECT)}`.",
            )
        graph = target.graph
        below = {other for layer in self.layers for other in descendants(graph, layer)}
        outside = below - self.layers.keys()
        found = states(target, [layer for layer in graph if layer in outside | set(self.layers)])
        self.idle = all(found[layer].status == ABSENT for layer in self.layers)
        for layer in self.layers:
            refuse_other_owner(target, target.stacks[layer], found[layer])
        locked = [name for name in self.layers if found[name].termination_protection]
        if locked:
            raise RefusedError(
                f"termination protection of {', '.join(locked)} is on",
                f"Deploying the environment's settings switches it off: "
                f"`{target.command('deploy', ALLOW_UNPROTECT)}`.",
            )
        needed = [name for name in found if name in outside and found[name].status != ABSENT]
        if needed:
            raise RefusedError(
                f"{', '.join(needed)} would lose inputs from {', '.join(self.layers)}",
                "Destroy these too: " + " ".join(f"--layer {name}" for name in needed),
            )
        for guard in guards_of(target):
            for layer, text in guard.before_destruction(target, self.layers):
                self.run.note(target.stacks[layer], text)

    def carry_out(self, interrupt: Interrupt) -> dict[str, Outcome]:
        """Delete the stacks; return the outcomes of the layers that the run reached.

        Raises `InterruptedRunError` on Ctrl-C.
        """
        graph = {
            layer: frozenset(o for o in self.layers if layer in self.run.target.graph[o])
            for layer in reversed(list(self.layers))
        }

        def work(layer: str, host: Host) -> Outcome:
            try:
                return self._destroy(self.run.heard_by(host), self.run.target.stacks[layer])
            except StoppedError:
                return Skipped("interrupted")
            except TapgenError as error:
                return not_done(self.run, layer, error, self.again)

        def ended(layer: str, outcome: Outcome, seconds: float) -> None:
            self.outcomes[layer] = outcome
            self.run.state.trace(layer).seconds = seconds
            self.run.tell(Finished(layer, outcome, seconds))

        try:
            walk(
                graph,
                work,
                self.run.host,
                skip=self._skip,
                ended=ended,
                max_concurrency=self.max_concurrency,
                stop=self.run.stop_watching,
                inbox=interrupt.inbox,
            )
        except KeyboardInterrupt:
            raise interrupted([self.run], "destroy", self.run.state.asked.options) from None
        return self.outcomes

    def _skip(self, layer: str, results: Mapping[str, Outcome]) -> Outcome | None:
        if self.run.state.stopping:
            return Skipped("interrupted")
        graph = self.run.target.graph
        failed = [
            name
            for name, outcome in results.items()
            if layer in graph[name] and not succeeded(outcome)
        ]
        return Skipped(f"{', '.join(failed)} still takes from it") if failed else None

    def _destroy(self, run: Run, stack: Stack) -> Outcome:
        state = operations.watch_to_rest(run, stack)
        kept: Kept = {}
        if state.status != ABSENT:
            kept = _kept(run, stack, state)
            run.tell(Started(stack.layer, "delete"))
            watched = operations.delete(run, stack, state)
            if watched.state.status != "DELETE_COMPLETE":
                hint = mend_or_skip(run.target, stack, watched, self.again)
                return explain(run, stack, watched, hint)
        done = _purged if self.purge_data else _left
        return done(run, stack, kept)

    def _options(self, *, purge: bool) -> tuple[str, ...]:
        target = self.run.target
        purging = [PURGE_DATA] if purge else []
        return (*target.only(self.layers), *purging, *target.options.recorded)


def _kept(run: Run, stack: Stack, state: StackState) -> Kept:
    """The resources that CloudFormation will leave behind, according to the deployed template."""
    if state.status == UNDER_REVIEW:
        return {}
    cloudformation = run.cloudformation(stack)
    template = Template(stack.layer, cloudformation.template(stack.name))
    resources = cloudformation.resources(stack.name)
    return {
        resources[name]: template.resources[name]
        for name in sorted(template.retained)
        if name in resources
    }


def _left(_run: Run, _stack: Stack, kept: Kept) -> Deleted:
    found = tuple(one for one, declared in kept.items() if found_again(declared))
    return Deleted(retained=found, by_hand=tuple(one for one in kept if one not in found))


def _purged(run: Run, stack: Stack, kept: Kept) -> Deleted:
    region = run.target.region_of(stack)

    def find_ours(*asked: Any) -> str | None:
        try:
            return find(*asked)
        except RefusedError as error:
            run.note(stack, f"left alone: {error.message}")
            return None

    named = left_behind(stack, stack.parameters, region, find_ours)
    every = [*((one.resource_type, one.identifier) for one in named), *kept]
    found = {key_of(*one): one for one in every}
    purged, by_hand = [], []
    for resource_type, identifier in sorted(found.values(), key=_purge_order):
        run.note(stack, f"deleting {resource_type} {identifier} with its contents")
        try:
            purge(region, resource_type, identifier)
        except LeftError as error:
            run.note(stack, error.message)
            by_hand.append((resource_type, identifier))
        else:
            purged.append((resource_type, identifier))
    return Deleted(purged=tuple(purged), by_hand=tuple(by_hand))


def _purge_order(resource: Resource) -> tuple[int, Resource]:
    last = resource[0] in _PURGE_LAST
    return (_PURGE_LAST.index(resource[0]) if last else -1, resource)
