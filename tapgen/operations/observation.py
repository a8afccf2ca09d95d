"""Status, outputs, verify, drift: inspecting what is deployed, and repairing drift."""

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
    """Show the state of the stacks of environments.

    - `project`: the project of the environments.
    - `environments`: names, one or several.
    - `layers`: only these layers; all if empty.

    Returns for each environment the states by layer, operations in progress and inputs out of
    date, or the error that says why they could not be read.

    Raises `TapgenError` if only one environment is named and it cannot be read.
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
    """Show the outputs of the deployed stacks of an environment.

    - `project`: the project of the environment.
    - `environment`: its name.
    - `layers`: only these layers; all if empty.

    Returns the outputs by layer, and the account and region of the environment.

    Raises `TapgenError` if none of the layers is deployed.
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
    """Compare every declared property with what is deployed, then call the deployed API.

    - `project`: the project of the environment.
    - `environment`: its name.
    - `read_only`: write no test data, which the platform's checks may do otherwise.

    Returns one `Check` for each property; `ok` is None if the two cannot be compared.

    Raises `RefusedError` if the credentials belong to another account, `TapgenError` if AWS does
    not answer.
    """
    target = project.target(environment)
    return tuple(checks_of(target, project.address, read_only=read_only))


def drift(project: Project, environment: str, *, layers: Sequence[str] = ()) -> DriftFound:
    """Detect changes made in AWS outside the templates.

    - `project`: the project of the environment.
    - `environment`: its name.
    - `layers`: only these layers; all if empty.

    Returns what has drifted, layer by layer, and how it is repaired.

    Raises `RefusedError` if the credentials belong to another account, `TapgenError` if AWS does
    not answer.
    """
    return _drift(project.target(environment), layers)


@dataclass(frozen=True)
class Repaired:
    """The drift that was found, and the result of its repair.

    `before` and `after` are the same if nothing was repaired: nothing had drifted, AWS found
    nothing to repair (`plan` without changes), or the host did not agree. `release` is its number
    in the ledger, None if it has no record.
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
    """Repair drift with drift-aware change sets, after confirmation, and check again.

    - `project`: the project of the environment.
    - `environment`: its name.
    - `host`: receives what has drifted and what would be done, and is asked before it is done.
    - `layers`: only these layers; all if empty.

    Returns what had drifted, how it was repaired, and what is left.

    Raises `RefusedError` if the credentials belong to another account or another run is in
    progress, `InterruptedRunError` on Ctrl-C.
    """
    run = Run.on(project.target(environment), host)
    target = run.target
    with alone(run, "drift --repair"):
        before = _drift(target, layers)
        done = Repaired(before, before, _repairing(target, layers))
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


def _repairing(target: Target, layers: Sequence[str]) -> str:
    """The command that repairs the drift of the layers; of all if empty."""
    only = target.only(target.part(layers))
    return target.command("drift", *only, "--repair", *target.options.recorded)


def _drift(target: Target, layers: Sequence[str]) -> DriftFound:
    way_back = f"`{_repairing(target, layers)}` repairs it."
    if target.account.connection.local:  # it has no drift-aware change sets
        way_back = "Repair it by hand."
    found = tuple(look_for_drift(target, target.part(layers)))
    beside = [
        one.layer for one in found if any(each.resource_type == STACK for each in one.drifted)
    ]
    if beside:
        again = target.command("deploy", "--full", *layer_options(beside))
        back = f"`{again}` repairs the drift of the stack itself."
        only = not any(layer.in_resources for layer in found)
        way_back = back if only else f"{way_back} {back}"
    return DriftFound(target.environment, found, way_back)
