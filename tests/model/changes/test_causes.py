from __future__ import annotations

from typing import Any

import pytest

from tapgen.model.changes.causes import in_words
from tapgen.model.changes.change import Change, PropertyChange
from tapgen.model.layer import OutputRef

TABLE = "AWS::DynamoDB::Table"
SETTINGS = {"Read": "data.read_capacity", "Code": "code.key", "Settled": "stack.settled"}
CHANGES = [
    Change("Modify", "Replaced", TABLE, "True"),
    Change("Modify", "Perhaps", TABLE, "Conditional"),
    Change("Modify", "InPlace", TABLE, "False"),
    Change("Modify", "Version", "AWS::Lambda::Version", "True"),
    Change("Add", "New", TABLE),
    Change("Remove", "Gone", TABLE),
    Change("Import", "Adopted", TABLE),
    Change("Dynamic", "Unclear", TABLE),
]


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        (PropertyChange(cause="Read"), "setting data.read_capacity changed"),
        (PropertyChange(cause="Code"), "the function code changed"),
        (PropertyChange(cause="Settled"), "the stack's creation is complete"),
        (PropertyChange(cause="VpcId"), "network.VpcId changed"),
        (PropertyChange(cause="Other"), "parameter Other changed"),
        (PropertyChange(cause="Replaced"), "Replaced is replaced"),
        (PropertyChange(cause="Replaced.Arn"), "Replaced.Arn is replaced"),
        (PropertyChange(cause="Perhaps"), "Perhaps may be replaced"),
        (PropertyChange(cause="Version.Version"), "Version.Version is recreated"),
        (PropertyChange(cause="InPlace.Arn"), "InPlace.Arn changes"),
        (PropertyChange(cause="New"), "New is new"),
        (PropertyChange(cause="Gone"), "Gone is removed"),
        (PropertyChange(cause="Adopted"), "Adopted is taken over"),
        (PropertyChange(cause="Unclear"), "Unclear may change"),
        (PropertyChange(cause="Elsewhere"), "Elsewhere may change"),
        (PropertyChange(source="DirectModification"), "the template changed"),
        (PropertyChange(source="Automatic"), "the nested stack may have changed"),
        (PropertyChange(source="NoModification"), "the resource is already like that"),
        (
            PropertyChange(kind="SyncWithActual"),
            "the resource was changed outside of CloudFormation",
        ),
        (PropertyChange(attribute="Tags"), "the stack's tags changed"),
    ],
)
def test_causes(make_stack: Any, make_template: Any, detail: PropertyChange, words: str) -> None:
    template = make_template(Settings=SETTINGS, Parameters={"Other": {}}, Table=TABLE)
    stack = make_stack(template=template, inputs={"VpcId": OutputRef("network", "VpcId")})
    assert in_words(stack, [detail, detail], CHANGES) == (words,)


def test_a_cause_without_a_name_says_nothing_beside_one_with(make_stack: Any) -> None:
    direct = PropertyChange(source="DirectModification")
    named = PropertyChange(cause="Replaced")
    assert in_words(make_stack(), [direct, named], CHANGES) == ("Replaced is replaced",)
    assert in_words(make_stack(), [PropertyChange()], []) == ()
