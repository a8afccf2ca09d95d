"""What a side tells by itself, and what only a deployment can tell."""

from __future__ import annotations

from typing import Any

import pytest

from tapgen.errors import TapgenError
from tapgen.model.templates.intrinsics import Unknown
from tapgen.review.diff.effect import Effect
from tapgen.review.diff.reading.verdict import fails
from tapgen.review.diff.report import (
    Comparison,
)
from tapgen.review.diff.snapshot import Snapshot
from tests.review.diff.made import both, diff, make, one, resource, table


def test_a_new_version_moves_its_alias_in_place() -> None:
    def resources(text: str) -> dict[str, Any]:
        return {
            "V": resource("AWS::Lambda::Version", Description=text),
            "A": resource("AWS::Lambda::Alias", FunctionVersion={"Fn::GetAtt": ["V", "Version"]}),
        }

    found = both(resources("1"), resources("2"))
    assert {change.logical_id: change.effect for change in found.resources} == {
        "V": Effect.VERSION,
        "A": Effect.IN_PLACE,
    }
    assert not fails(Comparison("x", {"prod": found}), "replacement")


def test_a_name_that_is_computed_from_nothing_known_is_unknown() -> None:
    given = {"Ref": "AWS::NoValue"}
    before = {"T": table(given), "R": resource("AWS::SNS::Topic", DisplayName={"Ref": "T"})}
    after = {**before, "T": table(given, key="other")}
    changed = {change.logical_id: change for change in both(before, after).resources}
    assert changed["R"].properties[0].before == Unknown("data.T")
    assert changed["R"].properties[0].after == Unknown("new data.T")
    assert changed["T"].notes == ("the new one starts empty; the old one is deleted with its data",)


def test_a_template_that_cannot_be_evaluated_is_reported() -> None:
    broken = {"T": {"Type": "AWS::SNS::Topic", "Condition": "Nowhere"}}
    with pytest.raises(TapgenError, match="pay-prod-data cannot be evaluated: KeyError"):
        both(broken, {})


def test_an_input_of_a_stack_that_is_not_there_is_unknown() -> None:
    def stacks(text: str) -> list[Snapshot]:
        topic = resource("AWS::SNS::Topic", DisplayName={"Fn::Sub": f"{text}${{P}}"})
        parameters = {"P": {"Type": "String"}}
        return [make(Parameters=parameters, Resources={"T": topic}, inputs={"P": "gone.X"})]

    (part,) = one(diff(stacks("a"), stacks("b"))).properties
    assert part.before == Unknown("a{gone.X}")
