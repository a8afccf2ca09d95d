"""What an import says of a resource: what is declared, with the values that the resource has."""

from __future__ import annotations

from typing import Any

import pytest

from tapgen.aws.readers.values import SECRET, AtLeast, Whole
from tapgen.deploy.adopt.as_found import as_found
from tapgen.model.templates.intrinsics import Unknown

HERE = Unknown("Key.Arn")


@pytest.mark.parametrize(
    ("declared", "actual", "expected"),
    [
        # The same to AWS: as declared, whichever way it is written.
        ("60", 60, "60"),
        ({"Days": "1", "On": "true"}, {"Days": 1, "On": True}, {"Days": "1", "On": "true"}),
        # Otherwise: what the resource has.
        ("60", 7, 7),
        ({"Days": "1", "On": "true"}, {"Days": 2, "On": True}, {"Days": 2, "On": "true"}),
        (
            [{"Key": "a", "Value": "new"}],
            [{"Key": "a", "Value": "old"}],
            [{"Key": "a", "Value": "old"}],
        ),
        ('{"a": 1}', {"a": 2}, {"a": 2}),
        # What a service tells beside the declared parts is none of a template's business.
        ({"On": False}, {"On": True, "State": "UPDATING"}, {"On": True}),
        # Not set: left out, so that the update adds it.
        ({"On": True, "Type": "KMS"}, {"On": False, "Type": None}, {"On": False}),
        ({"Status": "Enabled"}, {"Status": None}, None),
        ("kept", None, None),
        ([], [], None),
        # More than is declared may be meant by somebody; the update sets it back all the same.
        ({"Read": "5"}, {"Read": AtLeast(9)}, {"Read": 9}),
        ({"Read": "5"}, {"Read": AtLeast(5)}, {"Read": "5"}),
        (
            [{"Name": "i", "Read": 5}],
            [{"Name": "i", "Read": AtLeast(9)}],
            [{"Name": "i", "Read": 9}],
        ),
        ({"a": 1}, Whole({"a": 1}), {"a": 1}),
        ({"a": 1}, Whole({"a": 1, "b": [2, None]}), {"a": 1, "b": [2, None]}),
        # Not known before the deployment: what is there, or nothing.
        ({"On": True, "Key": HERE}, {"On": True, "Key": "old"}, {"On": True, "Key": "old"}),
        (HERE, "old", "old"),
        ([HERE], NotImplemented, None),
        ({"Key": HERE}, NotImplemented, None),
        # Not read: as declared.
        ("declared", NotImplemented, "declared"),
        ("declared", SECRET, "declared"),
        (HERE, SECRET, None),
        ([1], [SECRET], [None]),
    ],
)
def test_one_property(declared: Any, actual: Any, expected: Any) -> None:
    read = {} if actual is NotImplemented else {"P": actual}
    found = as_found({"P": declared}, read)
    assert found == ({} if expected is None else {"P": expected})


def test_what_has_to_be_empty_unless_declared_counts_too() -> None:
    actual = {"Logging": {"To": "there"}, "Other": 1, "Indexes": []}
    closed = frozenset({"Logging", "Indexes", "Unread"})
    assert as_found({}, actual, closed) == {"Logging": {"To": "there"}}
