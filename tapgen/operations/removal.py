"""Destroy: the order of the steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tapgen.deploy.flow.events import Begins
from tapgen.deploy.flow.host import Host, Question
from tapgen.deploy.run.destroy import Destruction
from tapgen.deploy.stack.interrupt import Interrupt
from tapgen.deploy.target.lock import alone, working
from tapgen.deploy.target.run import Run
from tapgen.model.deployed.events import Deleted, Outcome
from tapgen.project import Project


@dataclass(frozen=True)
class Destroyed:
    """How a destruction ended.

    There are no outcomes if the host did not agree. If `idle`, there was no stack, and nothing was
    asked or done. `command` repeats it; `purge` deletes the data of the same layers. `release` is
    its number in the ledger, None if it has no record.
    """

    environment: str
    command: str
    purge: str
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    agreed: bool = True
    idle: bool = False
    interrupted: bool = False
    release: int | None = None


def destroy(  # noqa: PLR0913 - all but the first three have names and defaults
    project: Project,
    environment: str,
    host: Host,
    *,
    layers: Sequence[str] = (),
    purge_data: bool = False,
    interrupt: Interrupt | None = None,
) -> Destroyed:
    """Delete the stacks of an environment, dependents first, after confirmation.

    - `project`: the project of the environment.
    - `environment`: its name.
    - `host`: receives the events, and is asked before anything is deleted.
    - `layers`: only these layers; all if empty.
    - `purge_data`: delete the data too. Otherwise it is kept and listed in the outcomes.
    - `interrupt`: what Ctrl-C presses, if the program handles it in steps.

    Returns the outcome of each stack, and what was left behind.

    Raises `RefusedError` if the environment is protected or accepts approved plans only, other
    layers need these, or another run is in progress; `InterruptedRunError` on Ctrl-C.
    """
    run = Run.on(project.target(environment), host)
    destruction = Destruction(run, run.target.part(layers), purge_data)
    destruction.check()
    done = Destroyed(environment, destruction.again, destruction.purge)
    # Another run in progress may be about to create the first stack.
    if destruction.idle and not purge_data and working(run.target) is None:
        return replace(done, outcomes=dict.fromkeys(destruction.layers, Deleted()), idle=True)
    if run.target.options.approvals and not project.unapproved:
        from tapgen.deploy.guards.approvals import without_plan

        raise without_plan(environment, run.target.options.approvals)
    what = f"{', '.join(destruction.layers)} of {environment}"
    what += " AND ALL DATA" if purge_data else ""
    if not host.ask(Question(f"Destroy {what}?", None, environment)):
        return replace(done, agreed=False)
    interrupt = interrupt or Interrupt()
    with alone(run, "destroy"):
        host.tell(Begins({environment: tuple(reversed(list(destruction.layers)))}))
        from tapgen.operations.record.records import Records

        records = Records(project, "destroy --purge-data" if purge_data else "destroy")
        with records.kept(run, destruction.layers) as kept, interrupt.around([run]):
            kept.outcomes.update(destruction.carry_out(interrupt))
    return replace(
        done,
        outcomes=kept.outcomes,
        interrupted=interrupt.presses > 0,
        release=kept.release,
    )
