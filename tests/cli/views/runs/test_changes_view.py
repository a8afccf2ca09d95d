from __future__ import annotations

import click
import pytest

from tapgen.cli.views.runs.changes import change_lines, change_words
from tapgen.model.changes.change import KNOWN_AFTER_APPLY, Change, ChangeSet, PropertyChange
from tapgen.model.plan import Planned
from tapgen.model.stack import Stack

TABLE = "AWS::DynamoDB::Table"
THROUGHPUT = "/Properties/ProvisionedThroughput/ReadCapacityUnits"


def lines(stack: Stack, *changes: Change, verbosity: int = 0) -> list[str]:
    entry = Planned(stack, "UPDATE", {}, ChangeSet("arn", "id", changes))
    return [click.unstyle(line) for line in change_lines(entry, verbosity)]


def modified(*details: PropertyChange, name: str = "Table") -> Change:
    return Change("Modify", name, TABLE, "False", details=details)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change("Add", "T", TABLE), "+ T (AWS::DynamoDB::Table)"),
        (Change("Remove", "T", TABLE), "- T (AWS::DynamoDB::Table)"),
        (Change("Remove", "T", "X", "", "Delete"), "- T (X) is deleted"),
        (Change("Remove", "T", "X", "", "Retain"), "- T (X) is kept"),
        (Change("Remove", "T", "X", "", "Snapshot"), "- T (X) is kept as a snapshot"),
        (Change("Import", "T", "X"), "> T (X)"),
        (Change("Dynamic", "T", "X"), "~ T (X)"),
        (Change("SyncWithActual", "T", "X"), "~ T (X)"),
        (Change("Modify", "T", "X", "False"), "~ T (X)"),
        (Change("Modify", "T", "X", "True"), "! T (X) is replaced"),
        (
            Change("Modify", "T", "X", "True", "ReplaceAndDelete"),
            "! T (X) is replaced, the old one is deleted",
        ),
        (
            Change("Modify", "T", "X", "Conditional", "ReplaceAndRetain"),
            "! T (X) may be replaced, the old one is kept",
        ),
        (
            Change("Modify", "T", "X", "True", "ReplaceAndSnapshot"),
            "! T (X) is replaced, the old one is kept as a snapshot",
        ),
    ],
)
def test_resources(change: Change, words: str) -> None:
    assert change_words(change) == words


def test_values_and_causes(stack: Stack) -> None:
    parameter = next(p for p, s in stack.template.settings.items() if s == "data.read_capacity")
    throughput = PropertyChange(
        THROUGHPUT, name="ProvisionedThroughput", before="5", after="10", cause=parameter
    )
    # What AWS adds to a property that a parameter changes says nothing beside it.
    direct = PropertyChange(name="ProvisionedThroughput", source="DirectModification")
    name = PropertyChange("/Properties/Name", name="Name", after="x", source="DirectModification")
    key = PropertyChange(name="SSE", after=KNOWN_AFTER_APPLY, cause="Key.Arn")
    policy = PropertyChange(attribute="DeletionPolicy")
    replaced = Change("Modify", "Key", "AWS::KMS::Key", "True")
    shown = lines(stack, modified(direct, throughput, name, key, policy), replaced)
    assert shown == [
        "    ! Key (AWS::KMS::Key) is replaced  DATA LOSS",
        "    ~ Table (AWS::DynamoDB::Table)",
        "        DeletionPolicy",
        "        Name: (none) -> x, because the template changed",
        f"        {THROUGHPUT[12:]}: 5 -> 10, because setting data.read_capacity changed",
        "        SSE: (known after apply), because Key.Arn is replaced",
    ]


def test_tags_are_told_once(stack: Stack) -> None:
    of_stack = PropertyChange("/Tags/Owner", "Tags", before="a", after="b")
    own = PropertyChange("/Properties/Tags/Owner/Value", name="Tags", before="a", after="b")
    assert lines(stack, modified(of_stack, own))[1:] == ["        Tags/Owner/Value: a -> b"]
    because = "because the stack's tags changed"
    assert lines(stack, modified(of_stack))[1:] == [f"        Tags/Owner: a -> b, {because}"]


def test_two_causes_of_one_property_are_one_line(stack: Stack) -> None:
    told = [
        PropertyChange("/Properties/A", name="A", before="", after="b", cause=cause)
        for cause in ("New.Arn", "Old.Arn")
    ]
    assert lines(stack, modified(*told))[1:] == [
        '        A: "" -> b, because New.Arn may change and Old.Arn may change'
    ]


def test_what_is_long_is_folded(stack: Stack) -> None:
    long = PropertyChange("/Properties/A", name="A", before="1\n2", after="x" * 100)
    assert lines(stack, modified(long))[1] == f"        A: 1 2 -> {'x' * 72}... (100 characters)"
    assert lines(stack, modified(long), verbosity=1)[1] == f"        A: 1 2 -> {'x' * 100}"
    many = [PropertyChange(name=f"P{number}") for number in range(8)]
    shown = lines(stack, modified(*many))
    assert shown[-2:] == ["        P5", "        and 2 more (--verbose shows them)"]
    assert len(lines(stack, modified(*many), verbosity=1)) == 9


@pytest.mark.parametrize(("count", "folded"), [(12, 0), (15, 3)])
def test_many_resources_are_folded(stack: Stack, count: int, folded: int) -> None:
    changes = [modified(name=f"T{number:02}") for number in range(count)]
    shown = lines(stack, *changes)
    more = [f"    and {folded} more (--verbose shows them)"] if folded else []
    assert shown == [f"    ~ T{n:02} (AWS::DynamoDB::Table)" for n in range(12)] + more
    assert len(lines(stack, *changes, verbosity=1)) == count
