"""A creation under `protection: true` that fails: nothing is left, and the next one succeeds.

Resources of each layer that has something to protect fail one after the other. The layer is made
anew, under another prefix, beside the ones of a deployed environment, which give it what it takes.

`TAPGEN_FAULT_RESOURCES` says how many resources of each layer fail (3 by default, spread over the
order in which they are made, the last one always; 100 is every one of them).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from tapgen.deploy.adopt.adoption import adoptable
from tapgen.deploy.flow.host import Recorder
from tapgen.deploy.observe.drift import look_for_drift
from tapgen.deploy.run.deployment import Deployment
from tapgen.deploy.run.destroy import Destruction
from tapgen.deploy.stack.interrupt import Interrupt
from tapgen.deploy.target.run import Run
from tapgen.local.minutes import MINUTE_SECONDS
from tapgen.model.deployed.events import Created, Deleted, Failed, Outcome, Updated

if TYPE_CHECKING:
    from tapgen.deploy.target.target import Target
    from tapgen.render.rendering import Rendered

Faults = Callable[[dict[str, Any]], None]

SOME: Final = int(os.environ.get("TAPGEN_FAULT_RESOURCES", "3"))
LAYERS: Final = ("network", "data", "identity", "compute", "api", "cdn")
OWN: Final = {"Prefix": "again", "DomainName": "again.example.com"}


def anew(deployed: Target, layer: str, *, protected: bool) -> Target:
    """The environment with a layer in it that is not deployed yet."""
    stack = deployed.stacks[layer]
    own = {**OWN, "Protection": str(protected).lower()}
    parameters = {name: own.get(name, value) for name, value in stack.parameters.items()}
    fresh = replace(stack, name=f"again-{layer}", parameters=parameters, protected=protected)
    return replace(deployed, stacks={**deployed.stacks, layer: fresh})


def deploy(target: Target, layer: str) -> Outcome:
    deployment = Deployment(Run.on(target), {layer: frozenset()})
    return deployment.carry_out(deployment.plan(Recorder()), Recorder())[layer]


def spread(names: Sequence[str]) -> list[str]:
    """The last name and others at the same distances, as many as are wanted."""
    return list(names[:: -max(1, len(names) // SOME)])[:SOME]


def test_these_layers_have_something_to_protect(rendered: Rendered) -> None:
    stacks = {stack.layer: stack for stack in rendered.stacks["prod"]}
    assert {name for name, stack in stacks.items() if stack.settled_parameter} == {*LAYERS}


@pytest.mark.slow
@pytest.mark.parametrize("layer", LAYERS)
def test_whatever_fails_is_taken_back(deployed: Target, faults: Faults, layer: str) -> None:
    target = anew(deployed, layer, protected=True)
    stack, original = target.stacks[layer], deployed.stacks[layer]
    region = target.region_of(stack)
    made = list(deployed.cloudformation(original).resources(original.name))
    for logical_id in spread(made):
        faults({f"create:{logical_id}": "out of luck"})
        outcome = deploy(target, layer)
        assert isinstance(outcome, Failed)
        assert outcome.root_cause
        assert (outcome.root_cause.logical_id, outcome.status) == (logical_id, "ROLLBACK_COMPLETE")
        assert adoptable(stack, stack.parameters, region) == ()
        if layer == "compute":
            time.sleep(MINUTE_SECONDS)  # SQS blocks the names of deleted queues, as the advice says
    faults({})
    assert isinstance(deploy(target, layer), Created)
    assert (target.describe(layer).parameters or {})["Settled"] == "true"
    (found,) = look_for_drift(target, [layer])
    assert found.drifted == ()
    open_ = anew(deployed, layer, protected=False)
    assert isinstance(deploy(open_, layer), Updated)
    destroyed = Destruction(Run.on(open_), {layer: frozenset()}, purge_data=True)
    assert isinstance(destroyed.carry_out(Interrupt())[layer], Deleted)
