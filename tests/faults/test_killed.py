"""SIGKILL at any moment: the next run attaches to what is in progress, and nothing is lost."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.world import World

    Resources = Callable[[dict[str, object]], None]

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", range(4))
def test_the_run_after_a_kill_converges(world: World, resources: Resources, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - reproducible on purpose
    world.deploy("one")
    world.fill()
    resources({"delay": {"*": 0.1}})
    process = world.process("deploy", "two", world.local.endpoint_url)
    world.kill(process, chance.uniform(0.0, 1.5))
    resources({})
    assert world.converge("two") <= 2
    world.assert_kept()
    world.assert_as_if_undisturbed("two")


def test_what_is_in_progress_is_watched_to_its_end(world: World, resources: Resources) -> None:
    resources({"delay": {"Note": 0.8, "Zone": 0.8}})
    process = world.process("deploy", "one", world.local.endpoint_url)
    while not any(status == "CREATE_IN_PROGRESS" for status in world.working()):
        pass
    assert world.kill(process, 0.0)
    said = [
        message.text
        for message in world.messages("deploy", "one", world.local.endpoint_url)
        if hasattr(message, "text")
    ]
    assert "CREATE_IN_PROGRESS from an earlier run: watching it to its end" in said
    assert world.converge("one") == 1
    world.assert_as_if_undisturbed("one")


def test_change_sets_that_a_killed_run_left_are_swept_but_not_those_of_others(
    world: World,
) -> None:
    world.deploy("one")
    client = world.lab.client("cloudformation")
    for name in ("tapgen-0123456789abcdef", "tapgen-0123456789abcdef-plan-1", "somebody-s"):
        client.create_change_set(
            StackName="lab-zone",
            ChangeSetName=name,
            UsePreviousTemplate=True,
            Parameters=[{"ParameterKey": "Value", "ParameterValue": name}],
        )
    assert world.converge("one") == 1
    assert sorted(world.lab.change_sets("zone")) == ["somebody-s", "tapgen-0123456789abcdef-plan-1"]
