"""Status, outputs, verify, drift: looking at what is deployed, and setting drift back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from tapgen.deploy.flow.events import Begins, DriftFound, PlansReady
from tapgen.deploy.flow.host import Host, Question
from tapgen.deploy.flow.parallel import collect
from tapgen.deploy.observe import inspection
from tapgen.deploy.observe.checks import Check
from tapgen.deploy.observe.drift import look_for_drift
from tapgen.deploy.observe.inspection import Seen
from tapgen.deploy.observe.verify import verify as checks_of
from tapgen.deploy.rescue.repair import Repair
from tapgen.deploy.target.lock import alone
from tapgen.deploy.target.run import Run
from tapgen.deploy.target.target import Target, layer_options, parts
from tapgen.errors import TapgenError
from tapgen.model.deployed.drift import STACK
from tapgen.model.deployed.events import Outcome
from tapgen.model.plan import Plan
from tapgen.project import Project


def status(
    project: Project, environments: Sequence[str], *, layers: Sequence[str] = ()
) -> dict[str, Seen | TapgenError]:
    """Tell how the stacks of environments are.

    - `project`: whose environments they are.
    - `environments`: names, one or several.
    - `layers`: only these; all when none is named.

    Gives by environment what was seen (states by layer, what is in progress, inputs that have
    become stale), or the error that says why it could not be seen.

    Raises `TapgenError` where a single environment cannot be seen.
    """
    targets = {target.environment: target for target in project.looking().targets(environments)}
    chosen = parts(targets.values(), layers)
    if len(targets) == 1:
        ((name, target),) = targets.items()
        return {name: inspection.look(target, chosen[name])}
    return collect(targets, lambda target: inspection.look(target, chosen[target.environment]))


@dataclass(frozen=True)
class Outputs:
    """The outputs of each deployed layer, and where they are."""

    layers: Mapping[str, Mapping[str, str]]
    environment: str
    account_id: str
    region: str
    endpoint_url: str | None = None


def outputs(project: Project, environment: str, *, layers: Sequence[str] = ()) -> Outputs:
    """Tell the outputs of the deployed stacks of an environment.

    - `project`: whose environment it is.
    - `environment`: its name.
    - `layers`: only these; all when none is named.

    Gives the outputs by layer, and the account and region that they are in.

    Raises `TapgenError` where none of the layers is deployed.
    """
    target = project.looking().target(environment)
    found = inspection.outputs(target, target.part(layers))
    account = target.account
    return Outputs(
        found,
        environment,
        account.account_id,
        target.stacks[next(iter(found))].region,
        account.connection.endpoint_url,
    )


def verify(project: Project, environment: str, *, read_only: bool = False) -> tuple[Check, ...]:
    """Compare every property that is declared with what is there, then call what is deployed.

    - `project`: whose environment it is.
    - `environment`: its name.
    - `read_only`: write no test data, as the platform's own checks may do otherwise.

    Gives one `Check` for each property; its `ok` is None where the two cannot be compared.

    Raises `RefusedError` where the credentials belong to another account, `TapgenError` where AWS
    does not answer.
    """
    target = project.target(environment)
    return tuple(checks_of(target, project.address, read_only=read_only))


def drift(project: Project, environment: str, *, layers: Sequence[str] = ()) -> DriftFound:
    """Find what was changed in AWS outside the templates.

    - `project`: whose environment it is.
    - `environment`: its name.
    - `layers`: only these; all when none is named.

    Gives what has drifted, layer by layer, and how it is set back.

    Raises `RefusedError` where the credentials belong to another account, `TapgenError` where AWS
    does not answer.
    """
    return _drift(project.target(environment), layers)


@dataclass(frozen=True)
class Repaired:
    """What had drifted, and what was done about it.

    `before` and `after` are the same where nothing was set back: nothing had drifted, AWS sees
    nothing to set back (`plan` without changes), or the host did not agree. `release` is its number
    in the ledger, None where it has no record.
    """

    before: DriftFound
    after: DriftFound
    command: str
    plan: Plan | None = None
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    agreed: bool = True
    release: int | None = None

    @property
    def environment(self) -> str:
        """Name of the environment."""
        return self.before.environment


def repair(
    project: Project, environment: str, host: Host, *, layers: Sequence[str] = ()
) -> Repaired:
    """Set drift back by drift-aware change sets, after a question, and look again.

    - `project`: whose environment it is.
    - `environment`: its name.
    - `host`: is told what has drifted and what would be done, and asked whether to do it.
    - `layers`: only these; all when none is named.

    Gives what had drifted, what was done about it, and what is left.

    Raises `RefusedError` where the credentials belong to another account or another run is at work,
    `InterruptedRunError` on Ctrl-C.
    """
    run = Run.on(project.target(environment), host)
    target = run.target
    with alone(run, "drift --repair"):
        before = _drift(target, layers)
        done = Repaired(before, before, target.command("drift", "--repair"))
        host.tell(before)
        drifted = [layer.layer for layer in before.layers if layer.in_resources]
        if not drifted:
            return done
        work = Repair(run)
        plan = work.plan(drifted)
        done = replace(done, plan=plan)
        with ExitStack() as undone:
            undone.callback(work.discard)
            host.tell(PlansReady({environment: plan}))
            if not plan.has_changes:
                return done
            name = plan.environment
            question = Question(f"Do this to {name}?", None, name if plan.protected else "")
            if not host.ask(question):
                return replace(done, agreed=False)
            undone.pop_all()
        host.tell(Begins({environment: tuple(plan.entries)}))
        from tapgen.operations.record.records import Records

        with Records(project, "drift --repair").kept(run, plan) as kept:
            kept.outcomes.update(work.carry_out(plan))
        after = _drift(target, layers)
        return replace(done, outcomes=kept.outcomes, after=after, release=kept.release)


def _drift(target: Target, layers: Sequence[str]) -> DriftFound:
    way_back = f"`{target.command('drift', '--repair')}` sets it back."
    if target.account.connection.local:  # which has no drift-aware change sets
        way_back = "Set it back by hand."
    found = tuple(look_for_drift(target, target.part(layers)))
    beside = [
        one.layer for one in found if any(each.resource_type == STACK for each in one.drifted)
    ]
    if beside:
        again = target.command("deploy", "--full", *layer_options(beside))
        back = f"`{again}` sets back what was changed of the stack itself."
        only = not any(layer.in_resources for layer in found)
        way_back = back if only else f"{way_back} {back}"
    return DriftFound(target.environment, found, way_back)
