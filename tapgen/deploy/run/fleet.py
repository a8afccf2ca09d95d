"""Deploying several environments at once.

The stages, each a method:

1. `held` looks which environments have nothing to do, checks all accounts, then takes the locks of
   all others.
2. `plan` plans all of them at the same time. Whatever is wrong with any of them is told together,
   and nothing is begun.
3. Whoever reads the messages sees all plans and may stop there; `carry_out` does what they say, in
   all environments at the same time. One that waits for another starts when that has ended well.

An environment waits for those whose outputs its settings read, and for the one that it is promoted
from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from graphlib import CycleError, TopologicalSorter

from tapgen.deploy.flow.events import EnvironmentEnded, FleetMessage, PlanReady, Within
from tapgen.deploy.flow.parallel import AT_ONCE, all_of, map_all, raise_failures
from tapgen.deploy.flow.walk import Emit, Ended, walk
from tapgen.deploy.guards.promotion import refuse_unproven
from tapgen.deploy.plan.approval import Ask, Question, Questions
from tapgen.deploy.plan.unchanged import no_op_plan
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.stack.interrupt import Interrupt
from tapgen.deploy.stack.interruption import interrupted_fleet
from tapgen.deploy.target.lock import locked
from tapgen.deploy.target.target import Target
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.deployed.events import Outcome, Skipped, succeeded
from tapgen.model.graph import Graph
from tapgen.model.layer import OutputRef
from tapgen.model.plan import Entry, Plan, Planned

Outcomes = Mapping[str, Outcome]


class Fleet:
    """One run over several environments.

    `sources` says which environment another one is promoted from; `source` opens one that is not
    deployed itself. `plans` and `outcomes` are by environment, in the order of `deployments`.
    """

    def __init__(
        self,
        deployments: Sequence[Deployment],
        sources: Mapping[str, str],
        source: Callable[[str], Target],
    ) -> None:
        self.deployments = {one.target.environment: one for one in deployments}
        self.targets = [one.target for one in deployments]
        self.plans: dict[str, Plan] = {}
        self.outcomes: dict[str, Outcomes] = {}
        self.brake = Interrupt(*self.targets)
        self._sources = sources
        self._open = source
        self._questions = Questions()
        self._locks: dict[str, ExitStack] = {}
        self._waiting: set[str] = set()
        self.needs = self._needs()
        for target in self.targets:
            target.durations = self.targets[0].durations

    def _needs(self) -> Graph:
        """Environment -> those of this run that it waits for. Raises where they go in a circle."""
        needs: dict[str, frozenset[str]] = {}
        for name, one in self.deployments.items():
            wanted = {read.environment for read in _reads(one)} | {self._sources.get(name)}
            needs[name] = frozenset(other for other in wanted if other in self.deployments)
        try:
            TopologicalSorter(needs).prepare()
        except CycleError as error:
            raise RefusedError(
                f"environments wait for each other: {' for '.join(error.args[1])}",
                "Deploy them one after the other.",
            ) from None
        return needs

    # --- before anything is begun -----------------------------------------------------------------

    @contextmanager
    def held(self, command: str, *, full: bool) -> Iterator[list[str]]:
        """Fill `plans` of those that have nothing to do, and hold the locks of the others.

        With `full`, nobody is believed to have nothing to do. Gives what is to be told about locks
        that were taken over. Raises `RefusedError` with all that is wrong, when credentials belong
        to another account or another run is at work.
        """
        if not full:
            found = map_all(self.deployments, lambda one: no_op_plan(one.target, one.graph))
            self.plans |= {name: plan for name, plan in found.items() if plan}
        others = {n: one for n, one in self.deployments.items() if n not in self.plans}
        map_all(others, lambda one: one.target.verify_account())

        def take(one: Deployment) -> str | None:
            lock = ExitStack()
            note = lock.enter_context(locked(one.target, command, one.graph))
            self._locks[one.target.environment] = lock
            return note and f"{one.target.environment}: {note}"

        try:
            notes = map_all(others, take)
            yield [note for note in notes.values() if note]
        finally:
            map_all(self._locks, ExitStack.close)

    def plan(self) -> Iterator[FleetMessage]:
        """Fill `plans`: all environments are planned at the same time.

        Raises `TapgenError` with everything that is wrong, when one cannot be planned. The change
        sets of all others are discarded then, and when planning is broken off.
        """
        found: dict[str, Plan | TapgenError] = {}

        def work(name: str, emit: Emit[FleetMessage]) -> Plan | TapgenError:
            return self._planned(name, found, emit)

        items = walk(
            {name: frozenset({self._sources.get(name, "")}) for name in self.deployments},
            work,
            skip=lambda *_: None,
            max_concurrency=AT_ONCE,
            levels=2,
            stop=self._stop,
        )
        try:
            with closing(items):
                for item in items:
                    if isinstance(item, Ended):
                        found[item.name] = item.result
                    else:
                        yield item
            raise_failures(found)
            self._reconsider()
            self.plans = {name: self.plans[name] for name in self.deployments}
        except BaseException:
            self.discard()
            raise

    def _planned(
        self, name: str, found: Mapping[str, Plan | TapgenError], emit: Emit[FleetMessage]
    ) -> Plan | TapgenError:
        try:
            self._obey(name, found)
            if name not in self.plans:
                with closing(self.deployments[name].plan()) as messages:
                    for message in messages:
                        if isinstance(message, PlanReady):
                            self.plans[name] = message.plan
                        emit(Within(name, message))
        except TapgenError as error:
            return error
        return self.plans[name]

    def _obey(self, name: str, found: Mapping[str, Plan | TapgenError]) -> None:
        """Raise `RefusedError` unless the environment that this is promoted from proves it.

        One that is about to change proves nothing yet, and a plan that is made when it does would
        be one that nobody has seen.
        """
        source = self._sources.get(name)
        if source is None:
            return
        one = self.deployments[name]
        plan = found.get(source)
        if plan is None:
            refuse_unproven(self._open(source), one.target, one.graph)
        elif isinstance(plan, Plan) and not plan.has_changes:
            refuse_unproven(self.deployments[source].target, one.target, one.graph)
        else:
            first = [t for t in self.targets if self._sources.get(t.environment) not in found]
            why = "would be changed first" if isinstance(plan, Plan) else "cannot be planned"
            raise RefusedError(
                f"{name} is promoted from {source}, which {why}",
                f"`{one.target.command_on(first, 'deploy')}` first; when it has ended well, "
                f"`{one.target.command('deploy')}`.",
            )

    def _reconsider(self) -> None:
        """Let those that read what another environment is about to change wait for it."""
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
        """Remove the change sets of the plans, and what exists only through them."""
        chosen = self.plans if names is None else {name: self.plans[name] for name in names}
        map_all(chosen, lambda plan: self.deployments[plan.environment].discard(plan))

    # --- carrying it out --------------------------------------------------------------------------

    def carry_out(self, ask: Ask | None = None) -> Iterator[FleetMessage]:
        """Do what the plans say. `outcomes` is complete when the messages end.

        `ask` is asked as in `Deployment.carry_out`, in the thread that reads the messages. What
        fails in one environment stops only those that wait for it.

        Raises `InterruptedRunError` on Ctrl-C.
        """
        self._waiting = set(self.deployments)

        def work(name: str, emit: Emit[FleetMessage | Question]) -> Outcomes:
            return self._carried_out(name, emit, may_ask=ask is not None)

        items = walk(
            self.needs,
            work,
            skip=self._skip,
            max_concurrency=AT_ONCE,
            levels=2,
            stop=self._stop,
            inbox=self.brake.inbox,
        )
        try:
            with closing(items):
                for item in items:
                    if isinstance(item, Question):
                        item.answer(agreed=ask is not None and ask(item.entry))
                    elif isinstance(item, Ended):
                        self.outcomes[item.name] = item.result
                        yield EnvironmentEnded(item.name, item.result, item.seconds)
                    else:
                        yield item
        except KeyboardInterrupt:
            raise interrupted_fleet(self.targets, "deploy") from None
        finally:
            self.discard(self._waiting)
        self.outcomes = {name: self.outcomes[name] for name in self.deployments}

    def _carried_out(
        self, name: str, emit: Emit[FleetMessage | Question], *, may_ask: bool
    ) -> Outcomes:
        one = self.deployments[name]
        self._waiting.remove(name)

        def ask(entry: Planned) -> bool:
            question = self._questions.put(entry)
            emit(question)
            return question.wait()

        with closing(one.carry_out(self.plans[name], ask if may_ask else None)) as messages:
            for message in messages:
                emit(Within(name, message))
        if name in self._locks:
            self._locks[name].close()
        return {layer: one.outcomes[layer] for layer in one.graph if layer in one.outcomes}

    def _skip(self, name: str, results: Mapping[str, Outcomes]) -> Outcomes | None:
        one = self.deployments[name]
        failed = [
            other
            for other in self.deployments
            if other in self.needs[name] and not all(map(succeeded, results[other].values()))
        ]
        if one.target.closing:
            because = "interrupted"
        elif failed:
            because = f"{', '.join(failed)} did not end well"
        else:
            return None
        return {layer: Skipped(because) for layer in self.plans[name].entries}

    def _stop(self) -> None:
        self._questions.give_up()
        for one in self.deployments.values():
            one.stop()


def _reads(one: Deployment) -> list[OutputRef]:
    """The outputs of other environments that its layers take."""
    stacks = (one.target.stacks[layer] for layer in one.graph)
    return [source for stack in stacks for source in stack.cross_environment_inputs.values()]
