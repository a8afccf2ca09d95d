"""An environment's stacks together with the account they live in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from tapgen.aws.account import Account, Connection
from tapgen.aws.accounts import Accounts, Place
from tapgen.aws.cloudformation.api import CloudFormation
from tapgen.aws.cloudformation.stack_state import StackState
from tapgen.aws.parameters import SECURE, Parameter, parameters
from tapgen.aws.resources.retained import Region
from tapgen.deploy.target.options import Options
from tapgen.errors import RefusedError, UsageError
from tapgen.model.deployed.stack_status import usable
from tapgen.model.graph import Graph, select
from tapgen.model.layer import PARAMETER_STORE, OutputRef, ParameterRef
from tapgen.model.platform import Platform
from tapgen.model.stack import Stack
from tapgen.render.code.function_package import Code
from tapgen.settings.faults import Source, guess

if TYPE_CHECKING:
    from tapgen.aws.baseline.staging import StagingBucket


@dataclass(frozen=True, eq=False)
class Target:
    """The target of a run: one environment of a platform, as declared, and its account.

    It never changes; what a run changes is a `RunState`. All stacks of a region share clients, and
    through `accounts` environments share them, too.

    - `suffix`: the options that a suggested command has to repeat to reach the same AWS.
    - `files`: those of these options that say where the project's files are.
    - `open_other`: opens another environment by name, for outputs that settings read from there.
    - `places`: where each setting is written.
    - `staging`: the bucket for templates that are too large for a request, if the environment has
      no artifacts.
    - `codes`: the functions of layers that do not use `code`.
    - `spelled`: writes a command for targets whose stacks are not layers of a platform.
    """

    platform: Platform
    stacks: Mapping[str, Stack]
    code: Code
    account: Account
    accounts: Accounts
    options: Options = field(default_factory=Options)
    suffix: str = ""
    open_other: Callable[[str], Target] | None = None
    places: Mapping[str, Source] = field(default_factory=dict)
    staging: StagingBucket | None = None
    codes: Mapping[str, Code] = field(default_factory=dict)
    spelled: Callable[[Sequence[Target], str, Sequence[str]], str] | None = None
    files: str = ""
    _others: dict[str, Target] = field(default_factory=dict, init=False)
    _opening: Lock = field(default_factory=Lock, init=False)

    @classmethod
    def of(  # noqa: PLR0913, PLR0917 - most have defaults
        cls,
        platform: Platform,
        stacks: Sequence[Stack],
        code: Code,
        connection: Connection,
        suffix: str = "",
        open_other: Callable[[str], Target] | None = None,
        accounts: Accounts | None = None,
        options: Options | None = None,
        places: Mapping[str, Source] | None = None,
        files: str = "",
    ) -> Target:
        """The target of these stacks, all of one environment, reached over the connection."""
        accounts = accounts or Accounts()
        return cls(
            platform,
            {stack.layer: stack for stack in stacks},
            code,
            accounts.account(stacks[0].account_id, connection),
            accounts,
            options or Options(),
            suffix,
            open_other,
            places or {},
            files=files,
        )

    @property
    def environment(self) -> str:
        """Name of the environment."""
        return self._first.environment

    @property
    def graph(self) -> Graph:
        """Layer -> layers it takes from."""
        return {layer: stack.dependencies for layer, stack in self.stacks.items()}

    def part(self, layers: Iterable[str]) -> Graph:
        """The graph of the chosen layers only; of all layers if none is chosen."""
        chosen = select(self.graph, layers)
        return {layer: needs & chosen for layer, needs in self.graph.items() if layer in chosen}

    def some(self, layers: Collection[str]) -> Graph:
        """Like `part`, for several environments: layers that this one lacks are ignored.

        Raises `UsageError` if it has none of them.
        """
        own = [layer for layer in layers if layer in self.stacks]
        if layers and not own:
            raise UsageError(
                f"{self.environment} has no layer {' or '.join(layers)}",
                f"Its layers: {', '.join(self.stacks)}.",
            )
        return self.part(own)

    def concerned(self, layers: Iterable[str]) -> list[str]:
        """The layers and those that they take from, in order."""
        chosen = set(layers)
        chosen |= {needed for layer in chosen for needed in self.graph[layer]}
        return [layer for layer in self.stacks if layer in chosen]

    def command(self, verb: str, *options: str) -> str:
        """A command to suggest, for the same environment in the same AWS."""
        return self.command_on([self], verb, *options)

    def command_on(self, targets: Iterable[Target], verb: str, *options: str) -> str:
        """Like `command`, for several environments in the same AWS."""
        if self.spelled:
            return self.spelled(list(targets), verb, options)
        environments = [f"--env {target.environment}" for target in targets]
        return " ".join(["tapgen", verb, *environments, *options]) + self.suffix

    def file_command(self, verb: str) -> str:
        """Like `command`, for one that reads only the environment's files, without AWS."""
        return f"tapgen {verb} --env {self.environment}{self.files}"

    def only(self, layers: Collection[str]) -> list[str]:
        """The options that limit a command to these layers; none if they are all layers."""
        return [] if set(layers) >= self.stacks.keys() else layer_options(layers)

    @property
    def prefix(self) -> str:
        """The prefix of the names of all stacks."""
        return self._first.name.removesuffix(f"-{self._first.layer}")

    @property
    def home_region(self) -> str:
        """The environment's region; some layers have a fixed region instead."""
        return self._first.region

    @property
    def artifacts(self) -> OutputRef | None:
        """The bucket for function code and large templates, if the environment has its layer."""
        found = self.platform.artifacts
        return found if found and found.layer in self.stacks else None

    def code_of(self, stack: Stack) -> Code:
        """The function code of a stack."""
        return self.codes.get(stack.layer, self.code)

    def verify_account(self) -> None:
        """Raise `RefusedError` unless the credentials belong to the environment's account."""
        self.account.verify(self.home_region)

    def other(self, environment: str) -> Target:
        """Another environment, with credentials of its own account.

        Raises `RefusedError` if the credentials belong to another account.
        """
        if self.open_other is None:
            raise RuntimeError(f"open_other is missing, to open {environment}")
        with self._opening:
            if environment not in self._others:
                found = self.open_other(environment)
                found.verify_as_other(
                    f"--profile 'NAME-{{env}}' names one for each environment, {self.environment} "
                    f"and {environment}."
                )
                self._others[environment] = found
        return self._others[environment]

    def verify_as_other(self, hint: str) -> None:
        """Like `verify_account`, if the run works on another environment than this."""
        try:
            self.verify_account()
        except RefusedError as error:
            raise RefusedError(f"{self.environment}: {error.message}", hint) from None

    def verify_others(self, layers: Iterable[str]) -> None:
        """Open the environments that the layers read from; raises like `other`."""
        inputs = (s for name in layers for s in self.stacks[name].read_inputs.values())
        for environment in dict.fromkeys(s.environment for s in inputs if s.environment):
            self.other(environment)

    def place(self, stack: Stack) -> Place:
        """The CloudFormation client and the poller of the stack's account and region."""
        return self.accounts.place(self.account, stack.region)

    def cloudformation(self, stack: Stack) -> CloudFormation:
        """The CloudFormation of the stack's region, for reading; for changes, use the run's."""
        return self.place(stack).cloudformation

    def describe(self, layer: str) -> StackState:
        """The current state of the layer's stack in AWS."""
        stack = self.stacks[layer]
        return self.cloudformation(stack).describe(stack.name)

    def states(self, layers: Iterable[str]) -> dict[str, StackState]:
        """The current states of the layers' stacks, in the given order; one listing per region."""
        stacks = [self.stacks[layer] for layer in layers]
        found: dict[str, StackState] = {}
        for region in dict.fromkeys(stack.region for stack in stacks):
            there = [stack for stack in stacks if stack.region == region]
            states = self.cloudformation(there[0]).states([stack.name for stack in there])
            found |= {stack.layer: states[stack.name] for stack in there}
        return {stack.layer: found[stack.layer] for stack in stacks}

    def outputs(self, producer: str) -> Mapping[str, str] | None:
        """The outputs of a deployed layer ("zone"), or of another environment's ("prod.zone").

        None if there is no stack in a usable state. For `PARAMETER_STORE`, the values of the
        parameters that the environment's settings read, except secret ones.
        """
        if producer == PARAMETER_STORE:
            found = self.parameters(self.read_parameters(self.stacks))
            return {name: one.value for name, one in found.items() if one.type != SECURE}
        environment, _, layer = producer.rpartition(".")
        state = (self.other(environment) if environment else self).describe(layer)
        return state.outputs if usable(state.status) else None

    def own_outputs(self, layer: str) -> Mapping[str, str]:
        """The outputs of one of its own layers; none if the environment does not have the layer.

        Raises `UsageError` if the platform has no such layer.
        """
        if layer in self.stacks:
            return self.outputs(layer) or {}
        names = [one.name for one in self.platform.layers]
        if layer not in names:
            close = guess(layer, names)
            raise UsageError(
                f"{self.platform.name} has no layer {layer}",
                f"Did you mean {close}?" if close else f"Its layers: {', '.join(names)}.",
            )
        return {}

    def read_parameters(self, layers: Iterable[str]) -> list[ParameterRef]:
        """The parameters of Systems Manager that the settings of these layers read, each once."""
        every = (one for layer in layers for one in self.stacks[layer].read_parameters)
        return list(dict.fromkeys(every))

    def parameters(self, wanted: Iterable[ParameterRef]) -> Mapping[str, Parameter]:
        """The parameters as they are now, in the environment's own region."""
        return parameters(self.account, self.home_region, [one.output for one in wanted])

    def region_of(self, stack: Stack) -> Region:
        """The stack's account and region, for looking up single resources."""
        return Region(self.account, stack.region)

    @cached_property
    def _first(self) -> Stack:
        return next(iter(self.stacks.values()))


def layer_options(layers: Iterable[str]) -> list[str]:
    """The options that limit a command to these layers."""
    return [f"--layer {layer}" for layer in layers]


def parts(targets: Collection[Target], layers: Collection[str]) -> dict[str, Graph]:
    """Environment -> graph of its chosen layers; see `Target.some` for several environments."""
    if len(targets) > 1:
        return {target.environment: target.some(layers) for target in targets}
    return {target.environment: target.part(layers) for target in targets}
