"""Recover, cancel, watch: the order of the steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tapgen.deploy.flow.events import Begins
from tapgen.deploy.flow.host import Host, Question
from tapgen.deploy.rescue.cancel import Cancellation
from tapgen.deploy.rescue.recover import Recovery
from tapgen.deploy.rescue.watch import Watching
from tapgen.deploy.target.lock import alone
from tapgen.deploy.target.run import Asked, Run
from tapgen.deploy.target.target import Target
from tapgen.model.deployed.events import Outcome
from tapgen.project import Project


@dataclass(frozen=True)
class Rescued:
    """How it ended in `environment`.

    `found` are the stacks concerned; if there are none, nothing was done or asked. There are no
    outcomes if the host did not agree. `command` continues the deployment. `release` is its number
    in the ledger, None if it has no record.
    """

    environment: str
    found: tuple[str, ...]
    command: str
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    agreed: bool = True
    release: int | None = None


def recover(
    project: Project,
    environment: str,
    host: Host,
    *,
    layers: Sequence[str] = (),
    skip: Iterable[str] = (),
) -> Rescued:
    """Recover stacks from states that block deployments, after confirmation.

    - `project`: the project of the environment.
    - `environment`: its name.
    - `host`: receives the events, and is asked before anything is done.
    - `layers`: only these layers; all if empty.
    - `skip`: resources ("layer.LogicalId") to skip if they fail again.

    Returns the stacks that had to be recovered, and how each ended.

    Raises `UsageError` for a `skip` that applies to no stack, `RefusedError` if another run is in
    progress, `InterruptedRunError` on Ctrl-C.
    """
    run = _run(project, environment, host, layers)
    with alone(run, "recover"):
        recovery = Recovery(run, run.target.part(layers), frozenset(skip))
        host.tell(Begins({environment: tuple(recovery.layers)}))
        cases = recovery.look()
        command = run.again()
        if not cases:
            return Rescued(environment, (), command)
        if not host.ask(_question(f"Do this in {environment}?", run.target, cases)):
            return Rescued(environment, tuple(cases), command, agreed=False)
        host.tell(Begins({environment: tuple(cases)}))
        from tapgen.operations.record.records import Records

        with Records(project, "recover").kept(run, cases) as kept:
            kept.outcomes.update(recovery.carry_out())
        return Rescued(environment, tuple(cases), command, kept.outcomes, release=kept.release)


def cancel(
    project: Project, environment: str, host: Host, *, layers: Sequence[str] = ()
) -> Rescued:
    """Cancel operations in progress, no matter who started them, after confirmation.

    - `project`: the project of the environment.
    - `environment`: its name.
    - `host`: receives the events, and is asked before anything is cancelled.
    - `layers`: only these layers; all if empty.

    Returns the stacks that were in progress, and how each ended.

    Raises `RefusedError` if the credentials belong to another account, `InterruptedRunError` on
    Ctrl-C.
    """
    run = _run(project, environment, host, layers)
    cancellation = Cancellation(run, run.target.part(layers))
    moving = cancellation.look()
    command = run.again()
    if not moving:
        return Rescued(environment, (), command)
    if not host.ask(_question(f"Stop this in {environment}?", run.target, moving)):
        return Rescued(environment, tuple(moving), command, agreed=False)
    host.tell(Begins({environment: tuple(moving)}))
    from tapgen.operations.record.records import Records

    # The run that is stopped has its own record; this one shows who stopped it, and why.
    with Records(project, "cancel").kept(run, moving, urgent=True) as kept:
        kept.outcomes.update(cancellation.carry_out())
    return Rescued(environment, tuple(moving), command, kept.outcomes, release=kept.release)


def watch(project: Project, environment: str, host: Host, *, layers: Sequence[str] = ()) -> Rescued:
    """Follow operations in progress, no matter who started them, until they end; changes nothing.

    - `project`: the project of the environment.
    - `environment`: its name.
    - `host`: receives the events; it is asked nothing.
    - `layers`: only these layers; all if empty.

    Returns the stacks that were in progress, and how each ended.

    Raises `RefusedError` if the credentials belong to another account.
    """
    run = _run(project, environment, host, layers)
    watching = Watching(run, run.target.part(layers))
    host.tell(Begins({environment: tuple(watching.layers)}))
    outcomes = watching.carry_out()
    return Rescued(environment, tuple(outcomes), run.again(), outcomes)


def _run(project: Project, environment: str, host: Host, layers: Sequence[str]) -> Run:
    """A run that helps a deployment of the layers; all if empty."""
    run = Run.on(project.looking().target(environment), host)
    run.state.asked = Asked("deploy", tuple(run.target.only(run.target.part(layers))))
    return run


def _question(text: str, target: Target, about: object) -> Question:
    protected = any(stack.protected for stack in target.stacks.values())
    return Question(text, about, target.environment if protected else "")
