"""Stacks whose parameters are outputs of other environments."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapgen.model.layer import OutputRef, ParameterRef
from tapgen.model.limits import CROSS_ENVIRONMENT_OUTPUT
from tapgen.model.stack import Stack
from tapgen.model.templates.parameter_values import value_faults
from tapgen.payments.platform import PLATFORM
from tapgen.payments.settings import PaymentsSettings
from tapgen.render.examples import input_values
from tapgen.render.rendering import Rendered, render
from tapgen.review.parity.comparison import Observed, compare
from tapgen.settings.base import Elsewhere
from tapgen.settings.environment import Environment
from tapgen.settings.store import load
from tests.conftest import ENVS

ZONE = OutputRef("zone", "HostedZoneId", environment="prod")


@pytest.fixture(scope="module")
def dev() -> Environment:
    """dev, with every setting that may be an output being one."""
    dev = load(ENVS, PLATFORM, "dev")
    settings = dev.settings
    assert isinstance(settings, PaymentsSettings)
    settings = msgspec.structs.replace(
        settings,
        parent_zone_id=Elsewhere(output="prod.zone.HostedZoneId"),
        alarms=msgspec.structs.replace(
            settings.alarms, email=Elsewhere(output="prod.observability.TopicArn")
        ),
    )
    return replace(dev, settings=settings)


@pytest.fixture(scope="module")
def stacks(dev: Environment) -> dict[str, Stack]:
    return {stack.layer: stack for stack in render(PLATFORM, [dev]).stacks["dev"]}


def test_the_output_is_an_input_and_no_parameter(stacks: dict[str, Stack]) -> None:
    zone = stacks["zone"]
    assert zone.inputs == zone.read_inputs == {"ParentZoneId": ZONE}
    assert "ParentZoneId" not in zone.parameters
    assert zone.dependencies == frozenset()
    assert zone.producers == {"prod.zone"}
    cdn = stacks["cdn"]
    assert set(cdn.read_inputs) == {"AlarmEmail"}
    assert cdn.dependencies == {"api", "storage", "certificate"}
    assert cdn.producers == cdn.dependencies | {"prod.observability"}
    assert json.loads(zone.to_json())["Inputs"] == {"ParentZoneId": "prod.zone.HostedZoneId"}


def test_there_is_a_plausible_value_for_every_such_input(stacks: dict[str, Stack]) -> None:
    for stack in stacks.values():
        values = input_values(stack)
        assert values.keys() == stack.inputs.keys()
        for name in stack.read_inputs:
            declared = stack.template.parameters[name]
            assert values[name]
            assert [*value_faults(declared, values[name])] == []


def test_parity_names_the_setting_and_the_output(
    rendered: Rendered, stacks: dict[str, Stack]
) -> None:
    both = {"dev": [*stacks.values()], "prod": rendered.stacks["prod"]}
    zone = next(layer for layer in compare(PLATFORM, both).layers if layer.layer == "zone")
    (parent,) = (one for one in zone.differences if one.parameter == "ParentZoneId")
    assert parent.origin == "parent_zone_id"
    assert parent.allowed
    assert parent.values == {"dev": "{output: prod.zone.HostedZoneId}", "prod": ""}
    assert parent.read == {"dev": ZONE}


def test_a_deployed_value_is_no_deviation(rendered: Rendered, stacks: dict[str, Stack]) -> None:
    zone = stacks["zone"]
    parameters = {**zone.parameters, "ParentZoneId": "Z1"}
    found = {("dev", "zone"): Observed(zone.template.sha256, parameters, "CREATE_COMPLETE")}
    (layer,) = compare(PLATFORM, {"dev": [zone]}, found).layers
    assert layer.holds
    other = replace(zone, inputs={}, parameters={**zone.parameters, "ParentZoneId": "Z2"})
    (layer,) = compare(PLATFORM, {"dev": [other]}, found).layers
    assert [one.what for one in layer.deviations] == ["ParentZoneId"]
    assert rendered.stacks.keys() == {"dev", "staging", "prod"}


NAME = st.from_regex(r"[a-z][a-z0-9-]{0,5}", fullmatch=True)
PART = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,5}", fullmatch=True)


@given(layer=st.from_regex(r"[a-z]{1,8}", fullmatch=True), output=PART, environment=NAME)
def test_a_source_is_read_back_as_it_is_written(layer: str, output: str, environment: str) -> None:
    for source in (OutputRef(layer, output), OutputRef(layer, output, environment=environment)):
        assert OutputRef.parsed(str(source)) == source
        assert str(source) == f"{source.producer}.{output}"
        assert bool(re.search(CROSS_ENVIRONMENT_OUTPUT, str(source))) == bool(source.environment)


def test_the_same_parameter_may_give_each_environment_another_value(
    rendered: Rendered, stacks: dict[str, Stack]
) -> None:
    source = ParameterRef("/shared/zone-id")
    both = {}
    for name, stack in (("dev", stacks["zone"]), ("prod", zone_of(rendered, "prod"))):
        parameters = {n: v for n, v in stack.parameters.items() if n != "ParentZoneId"}
        inputs = {**stack.inputs, "ParentZoneId": source}
        both[name] = [replace(stack, parameters=parameters, inputs=inputs)]
    (declared,) = compare(PLATFORM, both).layers
    assert "ParentZoneId" not in {one.parameter for one in declared.differences}
    found = {
        (name, "zone"): Observed(
            stack.template.sha256, {**stack.parameters, "ParentZoneId": value}, "CREATE_COMPLETE"
        )
        for (name, (stack,)), value in zip(both.items(), ("Z1", "Z2"), strict=True)
    }
    (deployed,) = compare(PLATFORM, both, found).layers
    (parent,) = (one for one in deployed.differences if one.parameter == "ParentZoneId")
    assert (parent.origin, parent.allowed) == ("parent_zone_id", True)
    assert parent.values == {"dev": "Z1", "prod": "Z2"}
    assert parent.read == {"dev": source, "prod": source}


def zone_of(rendered: Rendered, environment: str) -> Stack:
    return next(stack for stack in rendered.stacks[environment] if stack.layer == "zone")
