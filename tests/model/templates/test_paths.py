from __future__ import annotations

from typing import Any

import pytest

from tapgen.model.templates.paths import at, names_in

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
