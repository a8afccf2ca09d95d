from __future__ import annotations

from tapgen.model.changes.differences import ABSENT, Order
from tapgen.model.changes.nameless import unnamed
from tapgen.model.templates.intrinsics import Unknown


def test_only_whole_words_are_names() -> None:
    assert unnamed("devices dev-a 1dev", "dev", "") == "devices {environment}-a 1dev"
    assert unnamed(Order(["dev"]), "dev", "") == Order(["{environment}"])
    assert unnamed(ABSENT, "dev", "") is ABSENT


def test_every_text_inside_is_looked_at() -> None:
    found = {"dev": ["a/dev", ("dev", 1)], "b": Unknown("dev.X"), "c": "arn::123:x"}
    assert unnamed(found, "dev", "123") == {
        "dev": ["a/{environment}", ("{environment}", 1)],
        "b": Unknown("{environment}.X"),
        "c": "arn::{account}:x",
    }
