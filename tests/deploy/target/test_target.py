"""What a run works on: its stacks, its account, and how commands on it are spelled."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from typing import TYPE_CHECKING

import pytest

from tapgen.errors import UsageError
from tapgen.model.layer import outputs_of

if TYPE_CHECKING:
    from tapgen.deploy.target.target import Target
    from tapgen.model.stack import Stack
    from tests.lab import Lab


def stacks(lab: Lab) -> tuple[Stack, ...]:
    """network <- data <- api in the home region, and cdn that takes from api in another."""
    note = {"Note": lab.note()}
    return (
        lab.stack("network", note, outputs={"Id": "1"}, region="eu-west-1"),
        lab.stack(
            "data",
            note,
            inputs=outputs_of("network", "Id"),
            outputs={"Key": "2"},
            region="eu-west-1",
        ),
        lab.stack("api", note, inputs=outputs_of("data", "Key"), region="eu-west-1"),
        lab.stack("cdn", note, inputs=outputs_of("api", "Url"), region="us-east-1"),
    )


@pytest.fixture
def target(lab: Lab) -> Target:
    return lab.target(*stacks(lab))


def test_it_is_frozen(target: Target) -> None:
    with pytest.raises(FrozenInstanceError):
        target.suffix = "else"  # type: ignore[misc] # on purpose


def test_its_first_stack_says_who_and_where_it_is(target: Target) -> None:
    assert (target.environment, target.prefix, target.home_region) == ("lab", "lab", "eu-west-1")


def test_a_part_has_the_chosen_layers_and_what_they_take_from_each_other(target: Target) -> None:
    everything = {
        "network": frozenset[str](),
        "data": frozenset({"network"}),
        "api": frozenset({"data"}),
        "cdn": frozenset({"api"}),
    }
    assert target.graph == everything
    assert target.part([]) == everything
    part = target.part(["cdn", "network", "data"])
    assert list(part) == ["network", "data", "cdn"]
    assert part == {"network": set(), "data": {"network"}, "cdn": set()}
    assert target.concerned(part) == ["network", "data", "api", "cdn"]
    assert target.concerned(["data"]) == ["network", "data"]
    with pytest.raises(UsageError, match="this environment has no layer 'gone'"):
        target.part(["gone"])


def test_of_several_environments_each_gives_the_layers_that_it_has(target: Target) -> None:
    assert target.some(["gone", "api"]) == {"api": set()}
    assert target.some([]) == target.graph
    with pytest.raises(UsageError) as told:
        target.some(["gone", "zone"])
    assert told.value.message == "lab has no layer gone or zone"
    assert told.value.hint == "Its layers: network, data, api, cdn."


def test_a_command_reaches_the_same_environments_in_the_same_way(lab: Lab, target: Target) -> None:
    assert target.command("deploy") == "tapgen deploy --env lab --local"
    assert target.command("recover", "--layer", "api") == (
        "tapgen recover --env lab --layer api --local"
    )
    other = lab.target(replace(stacks(lab)[0], environment="qa"))
    assert target.command_on([target, other], "plan") == "tapgen plan --env lab --env qa --local"


def test_stacks_are_listed_once_for_each_region_in_the_order_asked_for(
    lab: Lab, target: Target
) -> None:
    made: list[str] = []
    for region in ("eu-west-1", "us-east-1"):
        client = target.account.client("cloudformation", region)
        client.meta.events.register(
            "before-call", lambda model, place=region, **_: made.append(f"{model.name} {place}")
        )
    lab.deploy(*stacks(lab)[:1])
    found = target.states(["cdn", "network", "api"])
    assert [(layer, state.status) for layer, state in found.items()] == [
        ("cdn", "ABSENT"),
        ("network", "CREATE_COMPLETE"),
        ("api", "ABSENT"),
    ]
    assert made == ["DescribeStacks us-east-1", "DescribeStacks eu-west-1"]


def test_outputs_are_those_of_stacks_that_can_be_relied_on(lab: Lab, target: Target) -> None:
    assert target.outputs("network") is None
    lab.plan(lab.deployment(*stacks(lab)[:1]))
    assert target.outputs("network") is None  # only its shell is there
    lab.deploy(*stacks(lab)[:1])
    assert target.outputs("network") == {"Id": "1"}


def test_without_the_layer_there_are_no_artifacts(lab: Lab, target: Target) -> None:
    assert target.artifacts is None
    with_storage = lab.target(lab.stack("storage", {"Note": lab.note()}))
    assert str(with_storage.artifacts) == "storage.ArtifactsBucketName"
