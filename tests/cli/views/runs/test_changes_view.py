from __future__ import annotations

import json

import click
import pytest

from tapgen.cli.views.runs.changes import change_lines, change_words
from tapgen.model.changes.change import KNOWN_AFTER_APPLY, Change, ChangeSet, PropertyChange
from tapgen.model.changes.secrets import MASK
from tapgen.model.plan import Planned
from tapgen.model.stack import Stack

TABLE = "AWS::DynamoDB::Table"
VERSION = "AWS::Lambda::Version"
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
        (
            Change("Modify", "V", VERSION, "True", "ReplaceAndRetain"),
            "~ V (AWS::Lambda::Version) is recreated, the old one is kept",
        ),
        (
            Change("Modify", "V", VERSION, "Conditional"),
            "~ V (AWS::Lambda::Version) may be recreated",
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
        "        + Name: x, because the template changed",
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
    cut = f"{'x' * 28}...{'x' * 28}"
    assert lines(stack, modified(long))[1] == f"        A: 1\\n2 -> {cut}"
    assert lines(stack, modified(long), verbosity=1)[1] == f"        A: 1\\n2 -> {'x' * 100}"
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


def test_what_the_next_one_stands_in_for_is_not_in_the_colour_of_a_loss(stack: Stack) -> None:
    deployment = Change("Remove", "Old", "AWS::ApiGateway::Deployment", "", "Delete")
    version = Change("Modify", "A", VERSION, "True", "ReplaceAndRetain")
    replaced = Change("Modify", "Topic", "AWS::SNS::Topic", "True")
    entry = Planned(stack, "UPDATE", {}, ChangeSet("arn", "id", (deployment, version, replaced)))
    assert change_lines(entry, 0) == [
        click.style("    ! Topic (AWS::SNS::Topic) is replaced", fg="red"),
        click.style("    ~ A (AWS::Lambda::Version) is recreated, the old one is kept"),
        click.style("    - Old (AWS::ApiGateway::Deployment) is deleted"),
    ]


def test_a_fingerprint_says_what_it_stands_for(stack: Stack) -> None:
    code, memory = stack.code_parameter, "MemoryMb"
    before, after = (f"0123456789ab functions/{name}.zip 512" for name in "ab")
    told = [
        PropertyChange("/Properties/Description", name="Description", before=before, after=after,
                       cause=cause)
        for cause in (code or "CodeKey", memory)
    ]  # fmt: skip
    (_, line) = lines(stack, modified(*told))
    assert line.startswith("        Description: a different fingerprint, because ")
    assert " changed and " in line or " may change and " in line
    (_, line) = lines(stack, modified(*told), verbosity=1)
    assert f"Description: {before} -> {after}, because " in line


def test_a_policy_is_told_by_its_statements_also_as_text(stack: Stack) -> None:
    def policy(*names: str) -> str:
        statements = [
            {"Sid": name, "Effect": "Allow", "Action": ["a:B", "a:C"], "Resource": "*" * 80}
            for name in names
        ]
        return json.dumps({"Version": "2012-10-17", "Statement": statements})

    def of(before: str, after: str) -> PropertyChange:
        path = "/Properties/KeyPolicy"
        return PropertyChange(path, name="KeyPolicy", before=before, after=after)

    for verbosity in (0, 1):
        (_, line) = lines(stack, modified(of(policy("A", "B"), policy("B", "New", "A"))),
                          verbosity=verbosity)  # fmt: skip
        assert line.startswith('        + KeyPolicy/Statement/New: {"Action": ["a:B", "a:C"]')
    (_, line) = lines(stack, modified(of(policy("A", "B"), policy("B", "A"))))
    assert line == "        KeyPolicy: the same in a different order"
    definitions = PropertyChange(
        "/Properties/SecurityGroupIngress",
        name="SecurityGroupIngress",
        before='[{"FromPort": 1}, {"FromPort": 2}]',
        after='[{"FromPort": 22}, {"FromPort": 2}, {"FromPort": 1}]',
    )
    group = Change("Modify", "G", "AWS::EC2::SecurityGroup", "False", details=(definitions,))
    assert lines(stack, group)[1:] == ['        + SecurityGroupIngress/0: {"FromPort": 22}']


def test_a_secret_is_told_as_that(stack: Stack) -> None:
    secret = PropertyChange("/Properties/P", name="P", before=MASK, after=MASK)
    assert lines(stack, modified(secret))[1:] == ["        P: a different secret"]


def test_resources_that_are_changed_alike_are_told_together(stack: Stack) -> None:
    tag = PropertyChange("/Properties/Tags/A/Value", name="Tags", before="a", after="b")
    changes = [modified(tag, name=f"T{number:02}") for number in range(20)]
    other = Change("Modify", "Z", "AWS::SNS::Topic", "False", details=(tag,))
    assert lines(stack, *changes, other) == [
        "    ~ T00, T01, T02, T03 and 17 more",
        "        Tags/A/Value: a -> b",
    ]
    assert lines(stack, *changes[:2]) == [
        "    ~ T00, T01 (AWS::DynamoDB::Table)",
        "        Tags/A/Value: a -> b",
    ]
    assert "T19" in lines(stack, *changes, verbosity=1)[0]


def test_several_are_told_in_the_plural() -> None:
    first, *others = (Change("Modify", n, VERSION, "True", "ReplaceAndRetain") for n in "AB")
    assert change_words(first, *others) == (
        "~ A, B (AWS::Lambda::Version) are recreated, the old ones are kept"
    )
    gone = [Change("Remove", n, "X", "", "Delete") for n in "AB"]
    assert change_words(*gone) == "- A, B (X) are deleted"
