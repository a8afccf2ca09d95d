"""One run on a target: what it works on, what it changes on the way, whom it talks to."""

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

# How long change sets take is kept for all layers together.
_CHANGE_SETS = ("all", "CHANGE_SET")
# How often whoever waits looks whether Ctrl-C was pressed.
_LOOK_SECONDS = 0.25


@dataclass(eq=False)
class Trace:
    """What a run did to one stack.

    - `change_sets`: ids of those that it executed, in their order.
    - `updated`: since when the stack is as the run left it (AWS's time, as text).
    - `seconds`: how long all of it took; None while it is not over.
    """

    change_sets: list[str] = field(default_factory=list)
    updated: str = ""
    seconds: float | None = None


@dataclass(frozen=True)
class Asked:
    """The command that does what a run was to do once more, and nothing else.

    Of a run that only helps a deployment it is the deployment that goes on from there. `options`
    are those beside the environment and how AWS is reached, each with its value.
    """

    verb: str = "deploy"
    options: tuple[str, ...] = ()

    def but(self, option: str) -> Asked:
        """The same with another value of an option that is given once at most."""
        name = option.partition(" ")[0]
        others = (one for one in self.options if one.partition(" ")[0] != name)
        return Asked(self.verb, (*others, option))


@dataclass(eq=False)
class RunState:
    """What a run changes while it goes on, seen by all of its threads.

    - `stopping`: Ctrl-C was pressed; nothing new is started.
    - `cancelling`: it was pressed twice; what is at work is cancelled.
    - `lost_lock`: another run has taken over the environment; nothing more is begun here.
    - `unfinished`: layers that this run or one before may have left with another stack policy than
      they should have. Until one sees to them, their stacks do not count as being as declared.
    - `taken_over`: resources ("layer.LogicalId") that stacks took over and that are not seen to be
      as declared yet.
    - `durations`: how long operations took, this time and the last.
    - `release`: its number in the ledger; None where the run has no record.
    - `traces`: what it did, by layer.
    - `asked`: what it was asked to do.
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
        """What the run did to the layer so far; one thread works on a layer."""
        return self.traces.setdefault(layer, Trace())


@dataclass(frozen=True)
class Run:
    """What the functions that act are handed: a target, the state of the run, its host."""

    target: Target
    state: RunState
    host: Host = SILENT

    @classmethod
    def on(cls, target: Target, host: Host = SILENT, durations: Durations | None = None) -> Run:
        """A run that begins now. It learns how long things take from runs before, unless local."""
        local = target.account.connection.local
        known = durations or (Durations() if local else Durations.load(cache_file()))
        return cls(target, RunState(known), host)

    def heard_by(self, host: Host) -> Run:
        """The same run, talking to another host."""
        return replace(self, host=host)

    def tell(self, event: Event) -> None:
        """Tell the host. Raises `StoppedError` in a worker of a run that was broken off."""
        self.host.tell(event)

    def note(self, stack: Stack, text: str) -> None:
        """Tell something worth knowing about the stack."""
        self.host.tell(Note(stack.layer, text))

    def ask(self, question: Question) -> bool:
        """Ask the host."""
        return self.host.ask(question)

    def again(self, *but: str) -> str:
        """The command that does the same once more, for advice: see `Asked`.

        Options that are given take the place of those of the run.
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
        """Raise `StoppedError` once Ctrl-C was pressed: nothing new is started then."""
        if self.state.stopping:
            raise StoppedError("the run was interrupted")

    def sleep(self, seconds: float) -> None:
        """Wait so long. Raises `StoppedError` soon after Ctrl-C was pressed."""
        end = time.monotonic() + seconds
        self.begin()
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _LOOK_SECONDS))
            self.begin()

    def cloudformation(self, stack: Stack) -> CloudFormation:
        """The CloudFormation of the stack's region, for acting.

        Raises `RefusedError` once another run has taken over the environment.
        """
        if self.state.lost_lock:
            raise RefusedError(
                f"another run has taken over {self.target.environment}, because this one has "
                "not renewed its lock for too long; nothing more is started here",
                f"`{self.target.command('status')}` shows how things are.",
            )
        self.watcher(stack)
        return self.target.cloudformation(stack)

    def watcher(self, stack: Stack) -> Watcher:
        """The run's watcher of the stack's region; what is known of change sets comes with it."""
        state = self.state
        with state.lock:
            if stack.region not in state.watchers:
                place = self.target.place(stack)
                place.cloudformation.expect_change_sets(state.durations.expected(*_CHANGE_SETS))
                state.watchers[stack.region] = Watcher(place.poller)
            return state.watchers[stack.region]

    def stop_watching(self) -> None:
        """Break off every watch, also those to come; what AWS has begun goes on there."""
        for watcher in self._watchers():
            watcher.stop()

    def abandoned(self) -> tuple[Stack, ...]:
        """The stacks that were in progress when watching was broken off."""
        return self._named(name for watcher in self._watchers() for name in watcher.abandoned)

    def running(self) -> tuple[Stack, ...]:
        """The stacks that are being watched."""
        return self._named(name for watcher in self._watchers() for name in watcher.running)

    def keep_durations(self) -> None:
        """Write down how long operations and change sets took, for the next run."""
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
