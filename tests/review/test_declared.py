from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tapgen.model.layer import OutputRef, outputs_of
from tapgen.review.declared import NAMES, faults, input_fault, long_names
from tapgen.review.schemas import resource_schema

if TYPE_CHECKING:
    from tapgen.render.rendering import Rendered
    from tests.lab import Lab


def test_inputs_have_a_source(lab: Lab) -> None:
    conditions = {"Never": {"Fn::Equals": ["a", "b"]}}
    network = lab.stack("network", {"Note": lab.note()}, outputs={"Id": "x"}, conditions=conditions)
    document = network.template.document
    document["Outputs"]["Other"] = {"Value": "y", "Condition": "Never"}
    told = {
        name: input_fault(OutputRef(layer, name), {"network": network})
        for layer, name in (("network", "Id"), ("network", "Other"), ("network", "No"), ("x", "A"))
    }
    assert told == {
        "Id": "",
        "Other": "the output's condition is false",
        "No": "the layer has no such output",
        "A": "the environment does not have that layer",
    }
    optional = lab.stack(
        "data", {"Note": lab.note()}, inputs=outputs_of("network", "No", optional=True)
    )
    elsewhere = lab.stack("api", {"Note": lab.note()}, inputs={"A": OutputRef.parsed("dev.x.A")})
    stacks = {"network": network, "data": optional, "api": elsewhere}
    assert list(faults(stacks)) == []


def test_names_that_are_too_long(lab: Lab) -> None:
    def queue(length: int, **more: str) -> dict[str, object]:
        name = {"Fn::Sub": "${Prefix}" + "x" * (length - 3)}
        return {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}, **more}

    resources = {"Fits": queue(80), "Long": queue(81), "Left": queue(99, Condition="Never")}
    stack = lab.stack(
        "data",
        {**resources, "Nameless": {"Type": "AWS::SQS::Queue"}},
        parameters={"Prefix": "abc"},
        conditions={"Never": {"Fn::Equals": ["a", "b"]}},
    )
    ((logical_id, property_, fault),) = long_names(stack)
    assert (logical_id, property_) == ("Long", "QueueName")
    assert fault == f"abc{'x' * 78} has 81 characters, the limit is 80"


def test_every_named_property_is_one_of_its_type() -> None:
    for type_, (property_, most) in NAMES.items():
        declared = resource_schema(type_)["properties"][property_]
        # Where the schema has a limit it is no smaller, but for what services say more strictly.
        assert declared.get("maxLength", most) >= most, type_


def test_the_longest_prefix_in_the_longest_region_fits(rendered: Rendered) -> None:
    for stack in rendered.stacks["prod"]:
        prefix = stack.template.parameter_of("prefix")
        parameters = dict(stack.parameters)
        if prefix:
            parameters[prefix] = "p" * 23
        long = replace(stack, parameters=parameters, region="ap-northeast-1")
        assert list(long_names(long)) == []
