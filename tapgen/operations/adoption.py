"""Adopt: the order of the steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tapgen.deploy.adopt.consent import Consent
from tapgen.deploy.adopt.existing import Existing
from tapgen.deploy.flow.host import Host
from tapgen.deploy.run.fleet import Fleet
from tapgen.deploy.target.elsewhere import not_deployed
from tapgen.errors import RefusedError, TapgenError
from tapgen.model.deployed.events import Outcome, Unchanged
from tapgen.model.plan import Blocked, NoChange, Pending, Plan, Planned
from tapgen.operations.deployment import (
    Deployed,
    How,
    ask_and_do,
    fleet_of,
    plan_all,
    sources_of,
)
from tapgen.operations.deployment import Planned as PlansMade
from tapgen.project import Project


@dataclass(frozen=True)
class Adopted:
    """How an adoption ended.

    `plans` has the plan by environment. `nothing` is why there was nothing to take over and what to
    do instead, "" if there was something. `done` is None if there was nothing, or if it was only
    planned.
    """

    plans: Mapping[str, Plan] = field(default_factory=dict)
    nothing: str = ""
    done: Deployed | None = None

    @property
    def unchanged(self) -> dict[str, Outcome]:
        """The layer as it was found, if there was nothing to take over."""
        return {
            layer: Unchanged(entry.outputs)
            for plan in self.plans.values()
            for layer, entry in plan.entries.items()
            if isinstance(entry, NoChange | Planned)
        }

    @property
    def made(self) -> PlansMade:
        """The plan alone, and why it would not be executed."""
        return PlansMade(self.plans)


def adopt(  # noqa: PLR0913 - all but the first four have defaults
    project: Project,
    environment: str,
    layer: str,
    host: Host,
    how: How | None = None,
    *,
    resources: Mapping[str, str] | None = None,
    dry_run: bool = False,
) -> Adopted:
    """Take over a stack, or resources, created by hand or by another tool, after confirmation.

    A stack with the layer's name is updated to what is declared, with tags, seal and stack policy.
    Resources are imported as they are; an update then brings them in line.

    - `project`: the project of the environment.
    - `environment`: its name.
    - `layer`: the layer that declares what is taken over.
    - `host`: receives the plan, and is asked before anything is executed.
    - `how`: how it is executed, see `How`; the defaults allow no loss of data.
    - `resources`: identifiers of resources by logical id. Resources whose names the layer declares
      are found without one.
    - `dry_run`: only plan, and delete the change sets again.

    Returns the plan, and how it ended.

    Raises `RefusedError` if a guard refuses, a resource belongs to another owner, or another run is
    in progress; `TapgenError` if there is nothing to take over or the layer cannot be planned.
    Nothing is started in these cases. Raises `InterruptedRunError` on Ctrl-C.
    """
    how = how or How()
    consent = Consent(layer, resources or {})
    how = replace(how, choices=replace(how.choices, consent=consent))
    fleet = fleet_of(project, [environment], [layer], how, sources_of(project, [environment]))
    with fleet.held("adopt", host, look_first=not resources):
        plan_all(fleet, host)
        try:
            nothing = _nothing(fleet, environment, layer)
        except BaseException:
            fleet.discard()
            raise
        if nothing or dry_run:
            fleet.discard()
            return Adopted(fleet.plans, nothing)
        from tapgen.operations.record.records import Records

        records = Records(project, "adopt")
        return Adopted(fleet.plans, done=ask_and_do(fleet, host, how.interrupt, records))


def _nothing(fleet: Fleet, environment: str, layer: str) -> str:
    """Why there is nothing to take over; "" if there is something.

    Raises `TapgenError` if the layer cannot be planned, or nothing of it exists.
    """
    plan, deployment = fleet.plans[environment], fleet.deployments[environment]
    target, state = deployment.run.target, deployment.run.state
    entry = plan.entries[layer]
    if isinstance(entry, Pending):
        first = [source.layer for source in entry.needs if not source.environment]
        deploy = target.command("deploy", *(f"--layer {name}" for name in dict.fromkeys(first)))
        found = not_deployed(target, layer, entry.needs, lambda _: deploy)
        raise TapgenError(found.message, f"First `{deploy}`, then `{deployment.run.again()}`.")
    if isinstance(entry, Blocked):
        kind = RefusedError if entry.refused else TapgenError
        raise kind(entry.reason, entry.hint)
    name = entry.stack.name
    if isinstance(entry, NoChange):
        return f"stack {name} belongs to this environment and is as declared: nothing to take over"
    begun = layer in state.unfinished or any(
        one.startswith(f"{layer}.") for one in state.taken_over
    )
    if isinstance(entry, Planned) and (entry.foreign or entry.adoptions or begun):
        return ""
    deploy = target.command("deploy", f"--layer {layer}")
    if not isinstance(entry, Planned):
        recover = target.command("recover", f"--layer {layer}")
        raise TapgenError(
            f"stack {name} is in {entry.status}: its creation failed, and it must be deleted first",
            f"`{recover}`, then `{deployment.run.again()}`.",
        )
    if entry.creates:
        wanted = Existing(target, entry.stack, {}, {}, {}).wanted(entry.made)
        raise TapgenError(
            f"there is nothing to take over: neither a stack {name}, nor a resource with a name "
            f"that {layer} declares"
            + (f". Resources without such a name can be given:{wanted}" if wanted else ""),
            f"`{deploy}` creates everything.",
        )
    return (
        f"stack {name} belongs to this environment: nothing to take over; `{deploy}` does the rest"
    )
