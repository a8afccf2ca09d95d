from __future__ import annotations

from typing import Any

import pytest

from tapgen.model.templates.paths import at, member_places, names_in, naming

CHOICE = {"Fn::If": ["IsOn", {"ReadCapacityUnits": 1}, {"Ref": "AWS::NoValue"}]}
RESOURCE: dict[str, Any] = {
    "Properties": {
        "Throughput": {"ReadCapacityUnits": {"Ref": "Size"}},
        "Choice": CHOICE,
        "Tags": [{"Key": "Cost", "Value": "1"}, "odd"],
        "Name": "x",
    }
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/Properties/Throughput/ReadCapacityUnits", {"Ref": "Size"}),
        ("/Properties/Throughput/ReadCapacityUnits/Deeper", {"Ref": "Size"}),
        ("/Properties/Choice", CHOICE),
        ("/Properties/Choice/ReadCapacityUnits", CHOICE),
        ("/Properties/Tags/0/Value", "1"),
        ("/Properties/Tags/Cost/Value", "1"),
        ("/Properties/Tags/1", "odd"),
        ("/Properties/Tags/2", None),
        ("/Properties/Name/Deeper", None),
        ("/Metadata", None),
    ],
)
def test_a_part_is_found_by_its_path(path: str, expected: Any) -> None:
    assert at(RESOURCE, path) == expected


def test_names_are_found_at_any_depth() -> None:
    assert set(names_in([{"A": [{"B": 1}]}, "C"])) == {"A", "B"}


def test_members_are_found_by_what_names_them_before_their_place() -> None:
    statements = [{"Sid": "1", "Effect": "Allow"}, {"Sid": "Two", "Effect": "Deny"}]
    assert at({"Statement": statements}, "Statement/Two/Effect") == "Deny"
    assert at({"Statement": statements}, "Statement/1/Effect") == "Allow"
    assert at({"Statement": statements}, "Statement/0/Effect") == "Allow"
    assert member_places([{"Name": {"Ref": "A"}}, "b"]) == {"0": 0, "1": 1}


@pytest.mark.parametrize(
    ("lists", "name"),
    [
        (([], []), None),
        (([{"Key": "a"}], []), "Key"),
        (([{"Key": "a", "Name": "b"}], [{"Name": "c"}]), "Name"),
        (([{"Name": "a"}, {"Name": "a"}],), None),
        (([{"Name": {"Ref": "A"}}],), None),
        (([{"Name": "a"}, "b"],), None),
    ],
)
def test_what_names_the_members_of_lists(lists: tuple[list[Any], ...], name: str | None) -> None:
    assert naming(*lists) == name
