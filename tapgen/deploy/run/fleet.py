"""Deploying one or several environments; one is a fleet of one.

1. `held` finds the environments that have nothing to do, checks the accounts of the others, then
   takes their locks.
2. `plan` plans all of them at the same time. If any of them fails, all failures are reported
   together and nothing is started.
3. The caller shows all plans and may stop there; `carry_out` carries them out, in all environments
   at the same time. One that waits for another starts when that one has succeeded.

An environment waits for those whose outputs its settings read, and for the one that it is promoted
from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, TypeVar

from tapgen.deploy.flow.events import EnvironmentEnded, Proven, TakenOver
from tapgen.deploy.flow.host import Host, InEnvironment
from tapgen.deploy.flow.parallel import AT_ONCE, all_of, map_all, raise_failures
from tapgen.deploy.flow.walk import walk
from tapgen.deploy.guards.files import refuse_faulty
from tapgen.deploy.guards.promotion import refuse_unproven
from tapgen.deploy.plan.unchanged import no_op_plan
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.stack.interrupt import Interrupt
from tapgen.deploy.stack.interruption import interrupted
from tapgen.deploy.target.lock import locked
from tapgen.deploy.target.run import Asked
from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.deployed.events import Outcome, Skipped, succeeded
from tapgen.model.graph import Graph
from tapgen.model.layer import OutputRef
from tapgen.model.plan import Entry, Plan

if TYPE_CHECKING:
    from tapgen.deploy.notices.teller import Teller
    from tapgen.deploy.record.recording import Recording

Outcomes = Mapping[str, Outcome]
Result = TypeVar("Result")


class Fleet:
    """One run over environments.

    `sources` are the environments that each one is promoted from; `open_source` opens one that is
    not deployed itself. `plans` and `outcomes` are by environment, in the order of `deployments`.
    `recordings` are the records of those that change something, `tellers` send notifications about
    them, and `taken_over` are the environments whose lock was held by a dead run.
    """

    def __init__(
        self,
        deployments: Sequence[Deployment],
        sources: Mapping[str, Sequence[str]],
        open_source: Callable[[str], Target],
    ) -> None:
        self.deployments = {one.run.target.environment: one for one in deployments}
        self.plans: dict[str, Plan] = {}
        self.outcomes: dict[str, Outcomes] = {}
        self.recordings: Mapping[str, Recording] = {}
        self.tellers: Mapping[str, Teller] = {}
        self.taken_over: set[str] = set()
        self._sources = sources
        self._open_source = open_source
        self._locks: dict[str, ExitStack] = {}
        self._waiting: set[str] = set()
        self.needs = self._needs()

    def _for_each(
        self, members: Mapping[str, Deployment], work: Callable[[Deployment], Result]
    ) -> dict[str, Result]:
        """Environment -> result of `work`. Raises one error with all failures."""
        if len(self.deployments) > 1:
            return map_all(members, work)
        return {name: work(member) for name, member in members.items()}

    def _raise_failures(self, found: Mapping[str, Plan | TapgenError]) -> None:
        """Raise one error with all failures; with a single environment, its own error."""
        if len(self.deployments) > 1:
            raise_failures(found)
        for failure in found.values():
            if isinstance(failure, TapgenError):
                raise failure

    @property
    def targets(self) -> list[Target]:
        """The targets of all environments."""
        return [one.run.target for one in self.deployments.values()]

    @property
    def releases(self) -> dict[str, int]:
        """Environment -> number of its release, for those with a ledger."""
        return {name: one.release for name, one in self.recordings.items() if one.release}

    @property
    def asked(self) -> Asked:
        """The command that does exactly the same again in all environments."""
        each = [one.choices for one in self.deployments.values()]
        layers = dict.fromkeys(layer for choices in each for layer in choices.layers)
        return replace(each[0], layers=tuple(layers)).asked

    def _needs(self) -> Graph:
        """Environment -> those of this run that it waits for. Raises if they form a cycle."""
        needs: dict[str, frozenset[str]] = {}
        for name, one in self.deployments.items():
            wanted = {read.environment for read in _reads(one)} | {*self._sources.get(name, ())}
            needs[name] = frozenset(other for other in wanted if other in self.deployments)
        try:
            TopologicalSorter(needs).prepare()
        except CycleError as error:
            raise RefusedError(
                f"environments wait for each other: {' for '.join(error.args[1])}",
                "Deploy them one after the other.",
            ) from None
        return needs

    # --- before anything is started ---------------------------------------------------------------

    @contextmanager
    def held(self, command: str, host: Host, *, look_first: bool) -> Iterator[None]:
        """Fill `plans` of those that have nothing to do, and hold the locks of the others.

        Without `look_first`, all are assumed to have something to do. Raises `RefusedError` with
        all reasons if credentials belong to another account or another run is at work, and
        `TapgenError`, before AWS is called, if the files show that a deployment would fail.
        """
        # The stacks of a rollback were checked when they were restored.
        declared = {n: one for n, one in self.deployments.items() if one.choices.release is None}
        self._for_each(declared, lambda one: refuse_faulty(one.run.target))
        if look_first:
            found = self._for_each(self.deployments, lambda one: no_op_plan(one.run, one.graph))
            self.plans |= {name: plan for name, plan in found.items() if plan}
        others = {n: one for n, one in self.deployments.items() if n not in self.plans}
        self._for_each(others, lambda one: one.run.target.verify_account())

        def take(one: Deployment) -> str | None:
            lock = ExitStack()
            note = lock.enter_context(locked(one.run, command, one.graph))
            self._locks[one.run.target.environment] = lock
            return note

        try:
            for name, note in self._for_each(others, take).items():
                if note:
                    self.taken_over.add(name)
                    host.tell(TakenOver(name, note))
            yield
        finally:
            map_all(self._locks, ExitStack.close)

    def plan(self, host: Host) -> None:
        """Fill `plans`: all environments are planned at the same time.

        Raises `TapgenError` with all failures if any cannot be planned. Then, and if planning is
        interrupted, the change sets of all others are discarded.
        """
        found: dict[str, Plan | TapgenError] = {}

        def work(name: str, host: Host) -> Plan | TapgenError:
            return self._planned(name, found, host)

        def ended(name: str, plan: Plan | TapgenError, _: float) -> None:
            found[name] = plan

        try:
            walk(
                {name: frozenset(self._sources.get(name, ())) for name in self.deployments},
                work,
                host,
                ended=ended,
                max_concurrency=AT_ONCE,
                levels=2,
                stop=self._stop,
            )
            self._raise_failures({name: found[name] for name in self.deployments})
            self._reconsider()
            self.plans = {name: self.plans[name] for name in self.deployments}
        except BaseException:
            self.discard()
            raise

    def _planned(
        self, name: str, found: Mapping[str, Plan | TapgenError], host: Host
    ) -> Plan | TapgenError:
        try:
            for source in self._sources.get(name, ()):
                self._prove(name, source, found)
                host.tell(Proven(name, source))
            if name not in self.plans:
                own = InEnvironment(name, host)
                self.plans[name] = self.deployments[name].plan(own)
        except TapgenError as error:
            return error
        return self.plans[name]

    def _prove(self, name: str, source: str, found: Mapping[str, Plan | TapgenError]) -> None:
        """Raise `RefusedError` unless the environment that this is promoted from runs it well.

        If that environment is about to change, it does not run it yet, and a plan made afterwards
        could not be reviewed now.
        """
        one = self.deployments[name]
        target = one.run.target
        plan = found.get(source)
        if plan is None:
            refuse_unproven(self._open_source(source), target, one.graph)
        elif isinstance(plan, Plan) and not plan.has_changes:
            refuse_unproven(self.deployments[source].run.target, target, one.graph)
        else:
            first = [
                other
                for other in self.targets
                if not set(self._sources.get(other.environment, ())) & found.keys()
            ]
            why = "would be changed first" if isinstance(plan, Plan) else "cannot be planned"
            asked = self.asked
            raise RefusedError(
                f"{name} is promoted from {source}, which {why}",
                f"Run `{target.command_on(first, asked.verb, *asked.options)}` first; when it has "
                f"succeeded, `{one.run.again()}`.",
            )

    def _reconsider(self) -> None:
        """Make stacks pending that read outputs which another environment is about to change."""
        for name in TopologicalSorter(self.needs).static_order():
            one = self.deployments[name]
            elsewhere: dict[str, Entry] = {
                f"{other}.{layer}": entry
                for other in self.needs[name]
                for layer, entry in self.plans[other].entries.items()
            }
            if elsewhere and _reads(one):
                try:
                    self.plans[name] = one.reconsidered(self.plans[name], elsewhere)
                except TapgenError as error:
                    raise all_of({name: error}) from error

    def discard(self, names: Iterable[str] | None = None) -> None:
        """Delete the change sets of the plans, and the empty stacks that belong to them."""
        chosen = self.deployments if names is None else names
        map_all({name: name for name in chosen}, self._discard)

    def _discard(self, name: str) -> None:
        self.deployments[name].discard(self.plans.get(name))

    # --- carrying it out --------------------------------------------------------------------------

    def carry_out(self, host: Host, interrupt: Interrupt) -> None:
        """Carry out the plans; fill `outcomes`.

        The host is asked as in `Deployment.carry_out`. A failure in one environment stops only
        those that wait for it. Raises `InterruptedRunError` on Ctrl-C.
        """
        self._waiting = set(self.deployments)

        def ended(name: str, outcomes: Outcomes, seconds: float) -> None:
            self.outcomes[name] = outcomes
            self._told(name, outcomes)
            host.tell(EnvironmentEnded(name, outcomes, seconds))

        try:
            walk(
                self.needs,
                self._carried_out,
                host,
                skip=self._skip,
                ended=ended,
                max_concurrency=AT_ONCE,
                levels=2,
                stop=self._stop,
                inbox=interrupt.inbox,
            )
        except KeyboardInterrupt:
            runs = [one.run for one in self.deployments.values()]
            raise interrupted(runs, self.asked.verb, self.asked.options) from None
        finally:
            self.discard(self._waiting)
            # Change sets are still open only if the walk stopped waiting for a worker.
            map_all(self.deployments, Deployment.discard)
        self.outcomes = {name: self.outcomes[name] for name in self.deployments}

    def _carried_out(self, name: str, host: Host) -> Outcomes:
        one = self.deployments[name]
        self._waiting.remove(name)
        outcomes = one.carry_out(self.plans[name], InEnvironment(name, host))
        self._told(name, outcomes)  # before the lock is released: the next run reads the end
        if name in self._locks:
            self._locks[name].close()
        return outcomes

    def _told(self, name: str, outcomes: Outcomes) -> None:
        """Write the end to the record and notify; both ignore a second call."""
        if recording := self.recordings.get(name):
            recording.end(outcomes)
        if teller := self.tellers.get(name):
            teller.ended(outcomes)

    def _skip(self, name: str, results: Mapping[str, Outcomes]) -> Outcomes | None:
        one = self.deployments[name]
        failed = [
            other
            for other in self.deployments
            if other in self.needs[name] and not all(map(succeeded, results[other].values()))
        ]
        if one.run.state.stopping:
            because = "interrupted"
        elif failed:
            because = f"{', '.join(failed)} did not succeed"
        else:
            return None
        return {layer: Skipped(because) for layer in self.plans[name].entries}

    def _stop(self) -> None:
        for one in self.deployments.values():
            one.stop()


def _reads(one: Deployment) -> list[OutputRef]:
    """The outputs of other environments that its layers take."""
    stacks = (one.run.target.stacks[layer] for layer in one.graph)
    sources = (source for stack in stacks for source in stack.read_inputs.values())
    return [source for source in sources if isinstance(source, OutputRef)]
