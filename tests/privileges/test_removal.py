"""The deployer removes the environment with its data. After all other tests here, by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tapgen.deploy.destroy import Destruction
from tapgen.stacks.events import succeeded
from tapgen.stacks.permissions.calls import CALLS, Call, Purpose
from tests.privileges.conftest import World
from tests.privileges.denial import denied, without
from tests.privileges.recording import Recording, recording

if TYPE_CHECKING:
    from tapgen.deploy.target import Target

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def calls(world: World, target: Target) -> Recording:
    deployer = world.target("deployer")
    destruction = Destruction(deployer, deployer.part(()), purge_data=True)
    with recording() as made:
        destruction.check()
        for _ in destruction.run():
            pass
    failed = {name: end for name, end in destruction.outcomes.items() if not succeeded(end)}
    assert not failed, failed
    return made


@pytest.mark.parametrize(
    "call",
    [call for call in CALLS if call.purpose is Purpose.PURGE],
    ids=lambda one: f"{one.service}:{one.operation}",
)
def test_without_its_actions_a_call_is_denied(world: World, calls: Recording, call: Call) -> None:
    recorded = calls[call.service, call.operation]
    world.people.limit("lacking", without(world, call))
    assert denied(world, "lacking", call, recorded)
