"""Recording runs and sending notifications, for all operations that change something.

The ledger is read before the host is asked, the record is begun before anything is changed, and
ended while the lock is held. The recipients in `deployment.notify` are notified of the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tapgen.deploy.flow.events import NotRecorded
from tapgen.deploy.flow.host import Host
from tapgen.deploy.flow.parallel import map_all
from tapgen.deploy.record.recording import About, Recording
from tapgen.deploy.run.fleet import Fleet
from tapgen.deploy.target.run import Run
from tapgen.model.deployed.events import Outcome
from tapgen.model.plan import Plan
from tapgen.model.platform import NO_APPROVAL
from tapgen.model.release import Commit
from tapgen.project import Project

if TYPE_CHECKING:
    from tapgen.deploy.notices.teller import Teller


@dataclass(frozen=True)
class Kept:
    """A run that is being recorded: its number, None if it has no record, and its outcomes."""

    release: int | None = None
    outcomes: dict[str, Outcome] = field(default_factory=dict)


@dataclass(frozen=True)
class Records:
    """The records of one command; the fields are those of `model.release.Begun`."""

    project: Project
    command: str
    source: str = ""
    plan_digest: str = ""
    approvals: tuple[Mapping[str, Any], ...] = ()

    def look(self, fleet: Fleet, host: Host) -> dict[str, Recording]:
        """Environment -> the record of its plan, for plans that change something.

        Raises `RefusedError` if a protected environment's ledger cannot be read.
        """
        if not self.project.record:
            return {}
        made = {
            name: self._recording(one.run, one.choices.options)
            for name, one in fleet.deployments.items()
            if name in fleet.taken_over or not fleet.plans[name].is_complete
        }
        found = {name: one for name, one in made.items() if not fleet.plans[name].is_complete}
        _each({name: one for name, one in made.items() if name not in found}, Recording.mend)
        _each(found, Recording.look)
        self.tell_problems(found, host)
        return {name: one for name, one in found.items() if not one.problem}

    def begin(self, fleet: Fleet, host: Host) -> None:
        """Write the records of all environments, before anything is done in any of them."""
        recordings = fleet.recordings
        try:
            _each(recordings, lambda one: one.begin_plan(fleet.plans[one.run.target.environment]))
        except BaseException:
            _each(recordings, lambda one: one.end({}))
            raise
        self.tell_problems(recordings, host)

    @contextmanager
    def told(self, fleet: Fleet, host: Host) -> Iterator[None]:
        """Notify recipients that the work inside begins, and how it ended, by environment."""
        changing = {name: plan for name, plan in fleet.plans.items() if not plan.is_complete}
        runs = [fleet.deployments[name].run for name in changing]
        with self._telling(runs, host) as fleet.tellers:
            for name, teller in fleet.tellers.items():
                teller.begun(changing[name].entries)
            yield

    def want_approval(self, run: Run, plan: Plan, approvals: int, command: str) -> None:
        """Notify recipients that a plan needs approvals before it may be executed.

        `command` approves it.
        """
        with self._telling([run], run.host) as tellers:
            for teller in tellers.values():
                teller.approval_wanted(plan.entries, approvals, command)

    @staticmethod
    def tell_problems(recordings: Mapping[str, Recording], host: Host) -> None:
        """Report, once, why runs are not recorded."""
        for name, one in recordings.items():
            if one.problem and not one.told:
                one.told = True
                host.tell(NotRecorded(name, one.problem))

    @contextmanager
    def kept(
        self, run: Run, begun: Iterable[str] | Plan, *, urgent: bool = False
    ) -> Iterator[Kept]:
        """Record the work inside, in one environment; its end is what is put into `outcomes`.

        `begun` is the plan, or the layers concerned. If the work is interrupted, the next run
        writes the end, from the state in AWS. `urgent` work is done even if a protected
        environment's ledger cannot be written.

        Raises `RefusedError` if it cannot be written and the work is not `urgent`.
        """
        layers = [*(begun.entries if isinstance(begun, Plan) else begun)]
        one = None
        if self.project.record:
            one = replace(self._recording(run, ()), urgent=urgent)
            one.look()
            if isinstance(begun, Plan):
                one.begin_plan(begun)
            else:
                one.begin_layers(layers)
        recordings = {run.target.environment: one} if one else {}
        self.tell_problems(recordings, run.host)
        kept = Kept(one.release if one else None)
        with self._telling([run], run.host) as tellers:
            for teller in tellers.values():
                teller.begun(layers)
            yield kept
            if one:
                one.end(kept.outcomes)
            for teller in tellers.values():
                teller.ended(kept.outcomes)
        self.tell_problems(recordings, run.host)

    @contextmanager
    def _telling(self, runs: Iterable[Run], host: Host) -> Iterator[dict[str, Teller]]:
        """Environment -> the sender of its notifications, if it has a recipient."""
        notified = [(run, run.target.options.notify) for run in runs]
        tellers: dict[str, Teller] = {}
        if not any(notify for _, notify in notified):
            yield tellers
            return
        from tapgen.deploy.notices.teller import Teller, telling
        from tapgen.model.receiver import receiver

        for run, notify in notified:
            if notify:
                tellers[run.target.environment] = Teller(run, self._about, receiver(notify))
        with telling(tellers, host):
            yield tellers

    def _recording(self, run: Run, lifted: tuple[str, ...]) -> Recording:
        without = self.project.unapproved and run.target.options.approvals
        about = replace(self._about, lifted=(*lifted, *([NO_APPROVAL] if without else [])))
        return Recording(run, self.project.ledger(run.target), about)

    @cached_property
    def _about(self) -> About:
        from tapgen.review.diff.revision import head

        found = head(self.project.folder, ".tapgen")
        return About(
            command=self.command,
            reason=self.project.reason,
            source=self.source,
            plan_digest=self.plan_digest,
            approvals=self.approvals,
            commit=Commit(*found) if found else None,
        )


def _each(recordings: Mapping[str, Recording], work: Callable[[Recording], None]) -> None:
    """Do the work for all at the same time. Raises one error with everything that failed."""
    if len(recordings) == 1:
        for one in recordings.values():
            work(one)
    else:
        map_all(recordings, work)
