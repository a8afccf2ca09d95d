"""Plan, deploy and promote: the order of the steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from secrets import token_hex
from shlex import quote
from typing import TYPE_CHECKING, Final

from tapgen.deploy.flow.events import Begins, PlansReady
from tapgen.deploy.flow.host import Host, Question
from tapgen.deploy.flow.parallel import all_of
from tapgen.deploy.guards.whole_plan import refusal_of
from tapgen.deploy.plan import plan_files
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.run.fleet import Fleet, Outcomes
from tapgen.deploy.run.step import Choices
from tapgen.deploy.stack.interrupt import Interrupt
from tapgen.deploy.target.lock import alone
from tapgen.deploy.target.run import Run
from tapgen.deploy.target.target import Target, parts
from tapgen.errors import TapgenError, UsageError
from tapgen.model.deployed.events import succeeded
from tapgen.model.plan import Plan
from tapgen.project import Project

if TYPE_CHECKING:
    from tapgen.operations.record.records import Records
    from tapgen.operations.record.restoration import Restoration, WayBack

# If more environments change, a question has their number: the plans above it name them.
_NAMED: Final = 6
_QUESTIONS: Final = {
    "adopt": "Take this over in {}?",
    "deploy": "Deploy this to {}?",
    "promote": "Deploy this to {}?",
    "rollback": "Roll {} back by this?",
}


@dataclass(frozen=True)
class How:
    """How a deployment is executed.

    `source_profile` is the AWS profile of the environment that another is promoted from.
    `interrupt` is what Ctrl-C presses, if the program handles it in steps.
    """

    choices: Choices = field(default_factory=Choices)
    source_profile: str | None = None
    interrupt: Interrupt = field(default_factory=Interrupt)


@dataclass(frozen=True)
class Deployed:
    """How a deployment ended.

    `plans` and `outcomes` are by environment; there are no outcomes if the host did not agree.
    `commands` repeat it for one environment, `command` for all. `interrupted` is whether Ctrl-C
    stopped it in steps. By environment, `releases` are the numbers in the ledgers, and `ways_back`
    the way back if one part of a release was deployed and another failed.
    """

    plans: Mapping[str, Plan]
    outcomes: Mapping[str, Outcomes] = field(default_factory=dict)
    commands: Mapping[str, str] = field(default_factory=dict)
    command: str = ""
    agreed: bool = True
    interrupted: bool = False
    releases: Mapping[str, int] = field(default_factory=dict)
    ways_back: Mapping[str, WayBack] = field(default_factory=dict)


@dataclass(frozen=True)
class Planned:
    """Plans by environment, and the plan file if one was written.

    `replaced` is the number of change sets that were deleted with an earlier plan in the same file,
    None if there was none. `command` executes the file. If it needs `approvals`, `approve` is the
    command to run before.
    """

    plans: Mapping[str, Plan]
    file: Path | None = None
    replaced: int | None = None
    command: str = ""
    approvals: int = 0
    approve: str = ""

    @cached_property
    def problem(self) -> TapgenError | None:
        """Why a deployment would not execute all of it, and what to do."""
        return refusal_of(self.plans) or _blocked(self.plans)

    @property
    def has_changes(self) -> bool:
        """True if a deployment would change anything."""
        return any(plan.has_changes for plan in self.plans.values())


def deploy(
    project: Project,
    environments: Sequence[str],
    host: Host,
    how: How | None = None,
    *,
    layers: Sequence[str] = (),
) -> Deployed:
    """Bring environments in line with their settings.

    Plans all of them, shows the plans, asks once, and executes them at the same time. An
    environment that reads from another, or is promoted from it, waits for it.

    - `project`: the project of the environments.
    - `environments`: names, one or several.
    - `host`: receives the events, and is asked before anything is executed.
    - `how`: how it is executed, see `How`; the defaults allow no loss of protected data.
    - `layers`: only these layers; all if empty.

    Returns the plans, and the outcome of each stack. A stack that fails is an outcome, not an
    exception.

    Raises `RefusedError` if a guard refuses, another run is in progress, or an environment accepts
    approved plans only; `TapgenError` if an environment cannot be planned. Nothing is started in
    these cases. Raises `InterruptedRunError` on Ctrl-C.
    """
    how = how or How()
    fleet = fleet_of(project, environments, layers, how, sources_of(project, environments))
    with fleet.held("deploy", host, look_first=not how.choices.full):
        from tapgen.operations.record.records import Records

        return _carry_out(fleet, host, how.interrupt, Records(project, "deploy"))


def deploy_plan(
    project: Project,
    path: Path,
    host: Host,
    how: How | None = None,
    *,
    environment: str | None = None,
) -> Deployed:
    """Execute the plan in a file: its change sets, and no others.

    - `project`: the project of the plan.
    - `path`: the file that `plan` has written.
    - `host`: receives the events, and is asked before anything is executed.
    - `how`: how it is executed, see `How`.
    - `environment`: the environment that the plan must be for; any by default.

    Returns the same as `deploy`. The change sets are kept if the answer is no.

    Raises `RefusedError` if the file was edited, is for another project or environment, is out of
    date or lacks approvals; otherwise like `deploy`.
    """
    how = how or How()
    saved = plan_files.load(path)
    name = environment or saved.environment
    if saved.environment == name:
        project = project.as_planned(saved.rollout)
    source = project.environments([name])[0].settings.deployment.promoted_from
    # A plan of another environment is refused below.
    release = saved.rolls_back_to if saved.environment == name else None
    how = replace(how, choices=replace(how.choices, strict=True))
    if release is None:
        fleet = fleet_of(project, [name], (), how, {name: (source,)} if source else {})
    else:
        from tapgen.operations.record.restoration import restoration

        found = restoration(project, name, release)
        host.tell(found.told)
        fleet = rolling_back(found, how)
    deployment = fleet.deployments[name]
    target = deployment.run.target
    with fleet.held("deploy", host, look_first=False):
        plan = plan_files.reviewed_plan(saved, target, str(path))
        deployment.narrow(plan.entries)
        fleet.plans[name] = deployment.guarded(plan)
        from tapgen.model.release import rolling_back_to
        from tapgen.operations.record.approval import counting
        from tapgen.operations.record.records import Records

        records = Records(
            project,
            "deploy --plan",
            source="" if release is None else rolling_back_to(release),
            plan_digest=saved.digest,
            approvals=counting(project, saved, target, path) if plan.has_changes else (),
        )
        return _carry_out(fleet, host, how.interrupt, records, keep=True)


def promote(  # noqa: PLR0913 - the last two have defaults
    project: Project,
    source: str,
    environment: str,
    host: Host,
    how: How | None = None,
    *,
    layers: Sequence[str] = (),
) -> Deployed:
    """Deploy only what already runs in `source`: the same, healthy and without drift.

    - `project`: the project of the environments.
    - `source`: the environment that has to run it already.
    - `environment`: the environment to deploy to.
    - `host`: receives the events, and is asked before anything is executed.
    - `how`: how it is executed, see `How`; its `source_profile` reaches the account of `source`.
    - `layers`: only these layers; all if empty.

    Returns the same as `deploy`.

    Raises `UsageError` if the two are the same and `RefusedError` if `source` does not run it;
    otherwise like `deploy`.
    """
    if source == environment:
        raise UsageError(f"{environment} cannot be promoted from itself", "Name two environments.")
    (settings,) = project.environments([environment])
    other = settings.settings.deployment.promoted_from
    sources = (source, *((other,) if other and other != source else ()))
    how = how or How()
    how = replace(how, choices=replace(how.choices, source=source))
    fleet = fleet_of(project, [environment], layers, how, {environment: sources})
    with fleet.held("promote", host, look_first=False):
        from tapgen.operations.record.records import Records

        records = Records(project, "promote", source=source)
        return _carry_out(fleet, host, how.interrupt, records)


def plan(  # noqa: PLR0913 - all but the first three have defaults
    project: Project,
    environments: Sequence[str],
    host: Host,
    how: How | None = None,
    *,
    layers: Sequence[str] = (),
    out: Path | None = None,
) -> Planned:
    """Show what a deployment would do, by creating change sets.

    The change sets are deleted again, unless the plan is kept in a file. A plan that a deployment
    would refuse is not kept: `Planned.problem` says why.

    - `project`: the project of the environments.
    - `environments`: names, one or several; exactly one if the plan is kept.
    - `host`: receives the events; it is asked nothing.
    - `how`: how it would be executed, see `How`: which guards are overridden.
    - `layers`: only these layers; all if empty.
    - `out`: the file to keep the plan in. An earlier plan in it is replaced, with its change sets.

    Returns the plans, and the file with the command that executes it.

    Raises `RefusedError` if a guard refuses to plan at all, another run is in progress, or `out` is
    a file that is not a plan of this environment; `TapgenError` if an environment cannot be
    planned.
    """
    how = how or How()
    how = how if out is None else outliving(how)
    fleet = fleet_of(project, environments, layers, how, {})
    with fleet.held("plan", host, look_first=not (how.choices.full or out)):
        return only_planned(fleet, host) if out is None else planned_into(project, fleet, host, out)


def discard_plan(
    project: Project, path: Path, host: Host, *, environment: str | None = None
) -> int:
    """Delete a plan file that will not be executed, and its change sets.

    - `project`: the project of the plan.
    - `path`: the file that `plan` has written.
    - `host`: receives an event if the lock of a run that was killed is taken over; it is asked
      nothing.
    - `environment`: the environment that the plan must be for; any by default.

    Returns the number of its change sets, including those that are already gone.

    Raises `RefusedError` if the file is not a plan, is for another project or environment, or
    another run is in progress.
    """
    saved = plan_files.load(path)
    run = Run.on(project.target(environment or saved.environment), host)
    with alone(run, "plan --discard"):
        return plan_files.discard(plan_files.load(path), run.target, path)


def fleet_of(
    project: Project,
    environments: Sequence[str],
    layers: Sequence[str],
    how: How,
    sources: Mapping[str, Sequence[str]],
) -> Fleet:
    """A run over environments; `sources` has the environments from which each is promoted."""
    targets = project.targets(environments)
    options = targets[0].options
    choices = replace(
        how.choices,
        operation=options.given,
        recorded=options.recorded,
        source_profile=how.source_profile,
    )
    how = replace(how, choices=choices)
    if any(target.options.approvals for target in targets):
        how = replace(how, choices=replace(how.choices, unapproved=project.unapproved))
    return run_over(targets, layers, how, sources, lambda n: project.other(n, how.source_profile))


def run_over(
    targets: Sequence[Target],
    layers: Sequence[str],
    how: How,
    sources: Mapping[str, Sequence[str]],
    open_source: Callable[[str], Target],
) -> Fleet:
    """A run over targets; `sources` and `open_source` are those of `Fleet`."""
    chosen = parts(targets, layers)
    first = Run.on(targets[0])
    runs = [first, *(Run.on(target, durations=first.state.durations) for target in targets[1:])]
    deployments = [
        Deployment(
            run,
            chosen[run.target.environment],
            replace(how.choices, layers=tuple(n for n in layers if n in run.target.stacks)),
        )
        for run in runs
    ]
    return Fleet(deployments, sources, open_source)


def rolling_back(
    found: Restoration, how: How, layers: Sequence[str] = (), *, unapproved: str = ""
) -> Fleet:
    """A run that deploys an earlier release again, or only its `layers` if some are named.

    It needs no proof from another environment, because this one has run it. `unapproved` is that
    of `Project`.
    """
    choices = replace(
        how.choices,
        layers=tuple(layers),
        release=found.release.number,
        unapproved=unapproved if found.target.options.approvals else "",
        operation=found.target.options.given,
        recorded=found.target.options.recorded,
    )
    graph = found.target.part(layers or found.layers)
    return Fleet([Deployment(Run.on(found.target), graph, choices)], {}, found.target.other)


def sources_of(project: Project, environments: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The environments from which each is promoted, according to its settings."""
    return {
        one.name: (one.settings.deployment.promoted_from,)
        for one in project.environments(environments)
        if one.settings.deployment.promoted_from
    }


def _carry_out(
    fleet: Fleet, host: Host, interrupt: Interrupt, records: Records, *, keep: bool = False
) -> Deployed:
    """Plan, report, ask, execute. With `keep`, change sets are kept if the answer is no."""
    plan_all(fleet, host)
    return ask_and_do(fleet, host, interrupt, records, keep=keep)


def ask_and_do(  # noqa: PLR0913 - the last two have defaults
    fleet: Fleet,
    host: Host,
    interrupt: Interrupt,
    records: Records | None,
    *,
    keep: bool = False,
    question: str = "",
) -> Deployed:
    """Report the plans, ask once, execute. With `keep`, change sets are kept if the answer is no.

    In a custom `question`, {} stands for the environments.

    Raises `RefusedError` with everything that guards refuse, before anything is done.
    """
    asked = fleet.asked
    done = Deployed(
        fleet.plans,
        commands={name: one.run.again() for name, one in fleet.deployments.items()},
        command=fleet.targets[0].command_on(fleet.targets, asked.verb, *asked.options),
    )
    with ExitStack() as undone:
        if not keep:
            undone.callback(fleet.discard)
        host.tell(PlansReady(fleet.plans))
        if refused := refusal_of(fleet.plans):
            raise refused
        _refuse_unapproved(fleet)
        fleet.recordings = records.look(fleet, host) if records else {}
        if not _agreed(fleet, host, question):
            return replace(done, agreed=False)
        if records:
            records.begin(fleet, host)
        undone.pop_all()
    host.tell(Begins(_layers(fleet)))
    with (
        records.told(fleet, host) if records else nullcontext(),
        interrupt.around([one.run for one in fleet.deployments.values()]),
    ):
        fleet.carry_out(host, interrupt)
    if records:
        records.tell_problems(fleet.recordings, host)
    return replace(
        done,
        outcomes=fleet.outcomes,
        interrupted=interrupt.presses > 0,
        releases=fleet.releases,
        ways_back=_ways_back(fleet),
    )


def _ways_back(fleet: Fleet) -> dict[str, WayBack]:
    if all(succeeded(one) for each in fleet.outcomes.values() for one in each.values()):
        return {}
    from tapgen.operations.record.restoration import ways_back

    return ways_back(fleet)


def _refuse_unapproved(fleet: Fleet) -> None:
    """Raise `RefusedError` if an environment accepts only approved plan files."""
    if not any(target.options.approvals for target in fleet.targets):
        return
    from tapgen.deploy.guards.approvals import approve_command, without_plan

    found: dict[str, TapgenError] = {}
    for name, one in fleet.deployments.items():
        target, choices = one.run.target, one.choices
        asked_for = target.options.approvals and fleet.plans[name].has_changes
        if not asked_for or choices.strict or choices.unapproved:
            continue
        planning, carrying = choices.planning, choices.carrying_out("FILE")
        steps = [
            target.command(planning.verb, *planning.options),
            approve_command(target.suffix, "FILE"),
            target.command(carrying.verb, *carrying.options),
        ]
        commands = [] if choices.consent.layer else steps
        found[name] = without_plan(name, target.options.approvals, commands)
    if len(found) == 1:
        raise next(iter(found.values()))
    if found:
        raise all_of(found)


def _blocked(plans: Mapping[str, Plan]) -> TapgenError | None:
    """The error with all blocked stacks; None if there are none."""
    found = {
        f"{name}.{entry.stack.layer}": TapgenError(entry.reason, entry.hint)
        for name, plan in plans.items()
        for entry in plan.blocked
    }
    if not found:
        return None
    lines = [f"\n  {where}: {error.message}" for where, error in found.items()]
    hints = dict.fromkeys(error.hint for error in found.values())
    return TapgenError(f"blocked stacks cannot be deployed:{''.join(lines)}", " ".join(hints))


def plan_all(fleet: Fleet, host: Host) -> None:
    """Report what begins, and plan every environment."""
    host.tell(Begins(_layers(fleet)))
    fleet.plan(host)


def outliving(how: How) -> How:
    """`how` for change sets that outlive the run: their mark keeps other runs from reusing them."""
    return replace(how, choices=replace(how.choices, mark=f"-{token_hex(4)}"))


def planned_into(project: Project, fleet: Fleet, host: Host, out: Path) -> Planned:
    """Plan one environment, and keep the plan in a file with its change sets; see `plan`.

    A plan that needs approvals is announced to the recipients of notifications.
    """
    (deployment,) = fleet.deployments.values()
    target, choices = deployment.run.target, deployment.choices
    earlier = plan_files.replaced(target, out)
    plan_all(fleet, host)
    if (made := Planned(fleet.plans)).problem:
        fleet.discard()
        return made
    try:
        saved = plan_files.save(fleet.plans[target.environment], out, target, choices.release)
    except BaseException:
        fleet.discard()
        raise
    count = plan_files.discard_change_sets(earlier, target) if earlier else None
    carrying = choices.carrying_out(quote(str(out)))
    command = target.command(carrying.verb, *carrying.options)
    asked_for = target.options.approvals
    if not (asked_for and made.has_changes):
        return Planned(fleet.plans, out, count, command)
    from tapgen.deploy.guards.approvals import approve_command
    from tapgen.operations.record.records import Records

    approve = approve_command(target.suffix, str(out))
    records = Records(project, "plan", plan_digest=saved.digest)
    run = deployment.run.heard_by(host)
    records.want_approval(run, fleet.plans[target.environment], asked_for, approve)
    return Planned(fleet.plans, out, count, command, asked_for, approve)


def only_planned(fleet: Fleet, host: Host) -> Planned:
    """Plan every environment, and delete the change sets again."""
    plan_all(fleet, host)
    fleet.discard()
    return Planned(fleet.plans)


def _layers(fleet: Fleet) -> dict[str, tuple[str, ...]]:
    return {name: tuple(one.graph) for name, one in fleet.deployments.items()}


def _agreed(fleet: Fleet, host: Host, question: str) -> bool:
    """Ask once for all environments."""
    changing = {name: plan for name, plan in fleet.plans.items() if plan.has_changes}
    if not changing:
        return True
    protected = [name for name, plan in changing.items() if plan.protected]
    many = len(changing) > _NAMED
    which = f"{len(changing)} environments" if many else ", ".join(changing)
    text = (question or _QUESTIONS[fleet.asked.verb]).format(which)
    return host.ask(Question(text, None, " ".join(protected)))
