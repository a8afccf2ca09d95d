"""An environment's stacks together with the account they live in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from threading import Lock
from typing import Final

from tapgen.aws.account import Connection
from tapgen.aws.accounts import Accounts
from tapgen.aws.cloudformation.api import CloudFormation
from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.aws.cloudformation.watch import Watcher
from tapgen.aws.resources.retained import Region
from tapgen.deploy.target.durations import Durations, cache_file
from tapgen.deploy.target.options import Options
from tapgen.errors import RefusedError, UsageError
from tapgen.model.deployed.stack_status import usable
from tapgen.model.graph import Graph, select
from tapgen.model.layer import OutputRef
from tapgen.model.stack import Stack
from tapgen.render.function_package import Code

# Where function code and large templates are put.
ARTIFACTS_BUCKET = OutputRef("storage", "ArtifactsBucketName")
# How long change sets take is kept for all layers together.
_CHANGE_SETS: Final = ("all", "CHANGE_SET")


class Target:
    """What the use cases act on. Clients and watchers are shared by all stacks of a region.

    `suffix` holds the options that a suggested command has to repeat to reach the same AWS.
    `others` opens another environment by name, for outputs that settings read from there.
    `accounts` is what it shares with environments that are worked on at the same time.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the last three have defaults
        self,
        stacks: Sequence[Stack],
        code: Code,
        connection: Connection,
        suffix: str = "",
        others: Callable[[str], Target] | None = None,
        accounts: Accounts | None = None,
    ) -> None:
        self.stacks: Mapping[str, Stack] = {stack.layer: stack for stack in stacks}
        self.code = code
        self.environment = stacks[0].environment
        self._accounts = accounts or Accounts()
        self.account = self._accounts.account(stacks[0].account_id, connection)
        # Set when another run took over the environment's lock: from then on nothing is begun here.
        self.displaced = False
        # Set by Ctrl-C: nothing new is begun; set by the second one: what is at work is cancelled.
        self.closing = False
        self.cancelled = False
        self.options = Options()
        # Layers that a run may have left with another stack policy than they should have: until one
        # sees to them, their stacks do not count as being as declared, whatever a listing says.
        self.unfinished: set[str] = set()
        self.durations = Durations() if connection.local else Durations.load(cache_file())
        self._suffix = suffix
        self._verified = False
        self._lock = Lock()
        self._regions: dict[str, tuple[CloudFormation, Watcher]] = {}
        self._open_other = others
        self._others: dict[str, Target] = {}
        self._opening = Lock()

    @property
    def graph(self) -> Graph:
        """Layer -> layers it takes from."""
        return {layer: stack.dependencies for layer, stack in self.stacks.items()}

    def part(self, layers: Iterable[str]) -> Graph:
        """The graph of the chosen layers only; all of them when none is chosen."""
        chosen = select(self.graph, layers)
        return {layer: needs & chosen for layer, needs in self.graph.items() if layer in chosen}

    def some(self, layers: Collection[str]) -> Graph:
        """Like `part`, where several environments are meant: layers that it lacks are passed by.

        Raises `UsageError` where it has none of them.
        """
        own = [layer for layer in layers if layer in self.stacks]
        if layers and not own:
            raise UsageError(
                f"{self.environment} has no layer {' or '.join(layers)}",
                f"Its layers: {', '.join(self.stacks)}.",
            )
        return self.part(own)

    def concerned(self, layers: Iterable[str]) -> list[str]:
        """The layers and those they take from, in order."""
        chosen = set(layers)
        chosen |= {needed for layer in chosen for needed in self.graph[layer]}
        return [layer for layer in self.stacks if layer in chosen]

    def command(self, verb: str, *options: str) -> str:
        """A tapgen command to suggest: the same environment, reached the same way."""
        return " ".join(["tapgen", verb, "--env", self.environment, *options]) + self._suffix

    def command_on(self, targets: Iterable[Target], verb: str) -> str:
        """Like `command`, for several environments that are reached the same way."""
        options = [f"--env {target.environment}" for target in targets]
        return " ".join(["tapgen", verb, *options]) + self._suffix

    @property
    def prefix(self) -> str:
        """What the names of all stacks begin with."""
        first = next(iter(self.stacks.values()))
        return first.name.removesuffix(f"-{first.layer}")

    @property
    def home_region(self) -> str:
        """The environment's own region; a few layers are pinned to another."""
        return next(iter(self.stacks.values())).region

    def verify_account(self) -> None:
        """Raise `RefusedError` unless the credentials belong to the environment's account."""
        if not self._verified:
            self.account.verify(self.home_region)
            self._verified = True

    def other(self, environment: str) -> Target:
        """Another environment, reached with credentials of its own account.

        Raises `RefusedError` where the credentials belong to another account.
        """
        if self._open_other is None:
            raise RuntimeError(f"nobody said how {environment} is reached")
        with self._opening:
            if environment not in self._others:
                found = self._open_other(environment)
                found.verify_as_other(
                    f"--profile 'NAME-{{env}}' names one for each environment, {self.environment} "
                    f"and {environment}."
                )
                self._others[environment] = found
        return self._others[environment]

    def verify_as_other(self, hint: str) -> None:
        """Like `verify_account`, where another environment is the one worked on."""
        try:
            self.verify_account()
        except RefusedError as error:
            raise RefusedError(f"{self.environment}: {error.message}", hint) from None

    def verify_others(self, layers: Iterable[str]) -> None:
        """Reach the environments that the layers read from; raises like `other`."""
        sources = (
            s for layer in layers for s in self.stacks[layer].cross_environment_inputs.values()
        )
        for environment in dict.fromkeys(source.environment for source in sources):
            self.other(environment)

    def cloudformation(self, stack: Stack) -> CloudFormation:
        """The CloudFormation of the stack's region.

        Raises `RefusedError` once another run has taken over the environment.
        """
        if self.displaced:
            raise RefusedError(
                f"another run has taken over {self.environment}, because this one gave no sign of "
                "life for too long; nothing more is begun here",
                f"`{self.command('status')}` shows how things are.",
            )
        return self._region(stack.region)[0]

    def watcher(self, stack: Stack) -> Watcher:
        """The one watcher of the stack's region."""
        return self._region(stack.region)[1]

    def stop_watching(self) -> None:
        """Break off every watch, also those to come; what AWS has begun goes on there."""
        for _, watcher in self._known_regions():
            watcher.stop()

    def abandoned(self) -> tuple[Stack, ...]:
        """The stacks that were in progress when watching was broken off."""
        return self._named(
            name for _, watcher in self._known_regions() for name in watcher.abandoned
        )

    def running(self) -> tuple[Stack, ...]:
        """The stacks that are being watched."""
        return self._named(name for _, watcher in self._known_regions() for name in watcher.running)

    def _named(self, stack_ids: Iterable[str]) -> tuple[Stack, ...]:
        names = {stack_id.split("/")[1] for stack_id in stack_ids}
        return tuple(stack for stack in self.stacks.values() if stack.name in names)

    def describe(self, layer: str) -> StackState:
        """The layer's stack as AWS has it now."""
        stack = self.stacks[layer]
        return self.cloudformation(stack).describe(stack.name)

    def states(self, layers: Iterable[str]) -> dict[str, StackState]:
        """The layers' stacks as AWS has them now, in the order given: one listing a region."""
        stacks = [self.stacks[layer] for layer in layers]
        found: dict[str, StackState] = {}
        for region in dict.fromkeys(stack.region for stack in stacks):
            there = [stack for stack in stacks if stack.region == region]
            states = self.cloudformation(there[0]).states([stack.name for stack in there])
            found |= {stack.layer: states[stack.name] for stack in there}
        return {stack.layer: found[stack.layer] for stack in stacks}

    def outputs(self, producer: str) -> Mapping[str, str] | None:
        """The outputs of a deployed layer ("zone"), or of another environment's ("prod.zone").

        None where there is no stack that can be relied on.
        """
        environment, _, layer = producer.rpartition(".")
        state = (self.other(environment) if environment else self).describe(layer)
        return state.outputs if usable(state.status) else None

    def region_of(self, stack: Stack) -> Region:
        """The stack's account and region, for looking up single resources."""
        return Region(self.account, stack.region)

    def keep_durations(self) -> None:
        """Write down how long operations and change sets took, for the next run."""
        for cloudformation, _ in self._known_regions():
            if (seconds := cloudformation.change_set_seconds) is not None:
                self.durations.note(*_CHANGE_SETS, seconds)
        self.durations.save()

    def _known_regions(self) -> tuple[tuple[CloudFormation, Watcher], ...]:
        with self._lock:
            return tuple(self._regions.values())

    def _region(self, region: str) -> tuple[CloudFormation, Watcher]:
        with self._lock:
            if region not in self._regions:
                place = self._accounts.place(self.account, region)
                place.cloudformation.expect_change_sets(self.durations.expected(*_CHANGE_SETS))
                self._regions[region] = (place.cloudformation, Watcher(place.poller))
            return self._regions[region]
