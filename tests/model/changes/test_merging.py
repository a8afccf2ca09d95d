from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapgen.model.changes.change import Change, PropertyChange
from tapgen.model.changes.merging import merged

TABLE = "AWS::DynamoDB::Table"
PLAIN = PropertyChange(name="SSE", source="ParameterReference", cause="Key")
VALUED = PropertyChange(
    "/Properties/SSE/KeyId", "Properties", "SSE", "Modify", "a", "b", "Never",
    "ParameterReference", "Key",
)  # fmt: skip
DIRECT = PropertyChange(name="SSE", source="DirectModification")


def table(*details: PropertyChange, name: str = "Table", replacement: str = "False") -> Change:
    return Change("Modify", name, TABLE, replacement, details=details)


@pytest.mark.parametrize(
    ("plain", "detailed", "expected"),
    [
        ([], [], []),
        ([table(PLAIN)], [], [table(PLAIN)]),  # dropped from the detailed description
        ([], [table(VALUED)], [table(VALUED)]),
        ([table(PLAIN)], [table(VALUED)], [table(VALUED)]),
        ([table(PLAIN, DIRECT, DIRECT)], [table(VALUED)], [table(VALUED, DIRECT)]),
        (
            [table(PLAIN, name="B"), table(PLAIN, name="A")],
            [table(VALUED, name="A")],
            [table(PLAIN, name="B"), table(VALUED, name="A")],
        ),
        ([table(replacement="")], [table(replacement="True")], [table(replacement="True")]),
        (
            [table(replacement="Conditional")],
            [table(replacement="False")],
            [table(replacement="Conditional")],
        ),
        (
            [Change("Remove", "T", TABLE, physical_id="t")],
            [Change("Remove", "T", TABLE, policy_action="Retain")],
            [Change("Remove", "T", TABLE, "", "Retain", physical_id="t")],
        ),
    ],
)
def test_the_two_descriptions_complete_each_other(
    plain: list[Change], detailed: list[Change], expected: list[Change]
) -> None:
    assert merged(plain, detailed) == tuple(expected)


WORDS = st.sampled_from(["", "A", "B", "C"])
DETAILS = st.builds(
    PropertyChange,
    path=WORDS,
    name=WORDS,
    before=st.none() | WORDS,
    source=WORDS,
    cause=WORDS,
)
CHANGES = st.lists(
    st.builds(
        Change,
        action=st.sampled_from(["Add", "Modify", "Remove", "Import", "Dynamic", "SyncWithActual"]),
        logical_id=st.sampled_from("ABCDE"),
        resource_type=st.just(TABLE),
        replacement=st.sampled_from(["", "True", "False", "Conditional"]),
        details=st.lists(DETAILS, max_size=4).map(tuple),
    ),
    unique_by=lambda change: change.logical_id,
    max_size=5,
)


@given(CHANGES, CHANGES)
def test_nothing_that_either_says_is_lost(plain: list[Change], detailed: list[Change]) -> None:
    result = {change.logical_id: change for change in merged(plain, detailed)}
    assert result.keys() == {change.logical_id for change in [*plain, *detailed]}
    for change in [*plain, *detailed]:
        both = result[change.logical_id]
        assert set(change.properties) <= set(both.properties)
        assert set(change.causes) <= set(both.causes)
        assert both.replaces >= change.replaces
    for change in detailed:
        assert set(change.details) <= set(result[change.logical_id].details)


@given(CHANGES)
def test_a_description_merged_with_nothing_or_itself_stays(changes: list[Change]) -> None:
    assert merged(changes, []) == tuple(changes)
    assert merged(changes, changes) == tuple(changes)
