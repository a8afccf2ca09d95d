"""One run on a target: the target, the state that changes during the run, and the host."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from threading import Lock

from tapgen.aws.cloudformation.api import CloudFormation
from tapgen.aws.cloudformation.requests import request_token
from tapgen.aws.cloudformation.watch import StoppedError, Watcher
from tapgen.deploy.flow.events import Event, Note
from tapgen.deploy.flow.host import SILENT, Host, Question
from tapgen.deploy.target.durations import Durations, cache_file
from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError
from tapgen.model.stack import Stack

# The key for the duration of change sets, which is kept for all layers together.
_CHANGE_SETS = ("all", "CHANGE_SET")
# How often a waiting thread checks whether Ctrl-C was pressed.
_LOOK_SECONDS = 0.25


@dataclass(eq=False)
class Trace:
    """The actions of a run on one stack.

    - `change_sets`: ids of the change sets that it executed, in order.
    - `updated`: when the run last updated the stack (AWS's time, as text).
    - `seconds`: how long the work on the stack took; None until it has ended.
    """

    change_sets: list[str] = field(default_factory=list)
    updated: str = ""
    seconds: float | None = None


@dataclass(frozen=True)
class Asked:
    """The command that does exactly what a run was asked to do.

    For a run that only helps a deployment, it is that deployment. `options` are all options except
    the environment and those for reaching AWS, each with its value.
    """

    verb: str = "deploy"
    options: tuple[str, ...] = ()

    def but(self, option: str) -> Asked:
        """The same command with this value of an option that can be given only once."""
        name = option.partition(" ")[0]
        others = (one for one in self.options if one.partition(" ")[0] != name)
        return Asked(self.verb, (*others, option))


@dataclass(eq=False)
class RunState:
    """The state that changes during a run, shared by all of its threads.

    - `stopping`: Ctrl-C was pressed; nothing new is started.
    - `cancelling`: it was pressed twice; operations in progress are cancelled.
    - `lost_lock`: another run has taken over the environment; this one starts nothing more.
    - `unfinished`: layers whose stack policy this or an earlier run may not have set. Until a run
      sets it, their stacks do not count as declared.
    - `taken_over`: adopted resources ("layer.LogicalId") that are not known to be as declared yet.
    - `durations`: how long operations took, in this run and the last.
    - `release`: its number in the ledger; None if the run has no record.
    - `traces`: its actions, by layer.
    - `asked`: the command that started it.
    """

    durations: Durations = field(default_factory=Durations)
    stopping: bool = False
    cancelling: bool = False
    lost_lock: bool = False
    unfinished: set[str] = field(default_factory=set)
    taken_over: set[str] = field(default_factory=set)
    watchers: dict[str, Watcher] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)
    release: int | None = None
    traces: dict[str, Trace] = field(default_factory=dict)
    asked: Asked = field(default_factory=Asked)

    def trace(self, layer: str) -> Trace:
        """The run's actions on the layer so far. Only one thread works on a layer."""
        return self.traces.setdefault(layer, Trace())


@dataclass(frozen=True)
class Run:
    """One run: a target, the state of the run, and its host."""

    target: Target
    state: RunState
    host: Host = SILENT

    @classmethod
    def on(cls, target: Target, host: Host = SILENT, durations: Durations | None = None) -> Run:
        """A new run. It knows from earlier runs how long operations take, except in a local AWS."""
        local = target.account.connection.local
        known = durations or (Durations() if local else Durations.load(cache_file()))
        return cls(target, RunState(known), host)

    def heard_by(self, host: Host) -> Run:
        """The same run with another host."""
        return replace(self, host=host)

    def tell(self, event: Event) -> None:
        """Tell the host. Raises `StoppedError` in a worker of an interrupted run."""
        self.host.tell(event)

    def note(self, stack: Stack, text: str) -> None:
        """Tell the host a note about the stack."""
        self.host.tell(Note(stack.layer, text))

    def ask(self, question: Question) -> bool:
        """Ask the host."""
        return self.host.ask(question)

    def again(self, *but: str) -> str:
        """The command that does exactly the same again, for advice; see `Asked`.

        Options in `but` replace those of the run.
        """
        asked = self.state.asked
        for option in but:
            asked = asked.but(option)
        return self.target.command(asked.verb, *asked.options)

    @property
    def token(self) -> str:
        """A token for one request that changes a stack."""
        return request_token(self.state.release)

    def begin(self) -> None:
        """Raise `StoppedError` if Ctrl-C was pressed: nothing new may be started."""
        if self.state.stopping:
            raise StoppedError("the run was interrupted")

    def sleep(self, seconds: float) -> None:
        """Wait for that time. Raises `StoppedError` soon after Ctrl-C."""
        end = time.monotonic() + seconds
        self.begin()
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _LOOK_SECONDS))
            self.begin()

    def cloudformation(self, stack: Stack) -> CloudFormation:
        """The CloudFormation of the stack's region, for changes.

        Raises `RefusedError` if another run has taken over the environment.
        """
        if self.state.lost_lock:
            raise RefusedError(
                f"another run has taken over {self.target.environment}, because this one did not "
                "renew its lock in time; it starts nothing more",
                f"`{self.target.command('status')}` shows the state of the stacks.",
            )
        self.watcher(stack)
        return self.target.cloudformation(stack)

    def watcher(self, stack: Stack) -> Watcher:
        """The run's watcher of the stack's region, with the expected duration of change sets."""
        state = self.state
        with state.lock:
            if stack.region not in state.watchers:
                place = self.target.place(stack)
                place.cloudformation.expect_change_sets(state.durations.expected(*_CHANGE_SETS))
                state.watchers[stack.region] = Watcher(place.poller)
            return state.watchers[stack.region]

    def stop_watching(self) -> None:
        """End all watching, also future calls; operations in AWS continue."""
        for watcher in self._watchers():
            watcher.stop()

    def abandoned(self) -> tuple[Stack, ...]:
        """The stacks that were in progress when watching was ended."""
        return self._named(name for watcher in self._watchers() for name in watcher.abandoned)

    def running(self) -> tuple[Stack, ...]:
        """The stacks that are being watched."""
        return self._named(name for watcher in self._watchers() for name in watcher.running)

    def keep_durations(self) -> None:
        """Save how long operations and change sets took, for the next run."""
        first = {stack.region: stack for stack in self.target.stacks.values()}
        for region in [*self.state.watchers]:
            seconds = self.target.cloudformation(first[region]).change_set_seconds
            if seconds is not None:
                self.state.durations.note(*_CHANGE_SETS, seconds)
        self.state.durations.save()

    def _watchers(self) -> tuple[Watcher, ...]:
        with self.state.lock:
            return tuple(self.state.watchers.values())

    def _named(self, stack_ids: Iterable[str]) -> tuple[Stack, ...]:
        names = {stack_id.split("/")[1] for stack_id in stack_ids}
        return tuple(stack for stack in self.target.stacks.values() if stack.name in names)
