"""Stacks from files."""

from __future__ import annotations

from typing import Any

import pytest

from tapgen.errors import TapgenError
from tapgen.review.diff.snapshot import from_files, snapshot
from tests.review.diff.made import make
from tests.small_stacks import MakeStack


def test_files_become_what_was_rendered(rendered: Any) -> None:
    files = {**rendered.files, "README.md": "", "a/b/c.json": "{}", "x/notes.txt": ""}
    found = from_files(files, "")
    assert found == {
        environment: {stack.layer: snapshot(stack) for stack in stacks}
        for environment, stacks in rendered.stacks.items()
    }


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"Template": "data.json", "Layer": "data"}', "[" * 200_000]
)
def test_other_files_in_their_place_are_reported(text: str) -> None:
    with pytest.raises(TapgenError, match=r"main: prod/data\.json is not a stack file"):
        from_files({"prod/data.json": text, "data.json": "{}"}, "main: ")


def test_names_do_not_count_between_environments() -> None:
    settings = {"Prefix": "prefix", "EnvironmentName": "name", "Reads": "data.reads"}
    prod, dev = (
        make(
            Settings=settings,
            environment=name,
            name=f"pay-{name}-data",
            account_id=account,
            parameters={"Prefix": f"pay-{name}", "EnvironmentName": name, "Reads": reads},
            tags={"Environment": name, "CostCenter": name},
            protected=name == "prod",
        )
        for name, account, reads in (("prod", "3", "100"), ("dev", "1", "5"))
    )
    seen = prod.as_if_in(dev).stack
    assert prod.as_if_in(dev).place == dev.place
    assert seen.parameters == {"Prefix": "pay-dev", "EnvironmentName": "dev", "Reads": "100"}
    assert seen.tags == {"Environment": "dev", "CostCenter": "prod"}
    assert seen.protected  # how it is stays as it is


def test_a_deadline_and_examples_stand_in_no_file(make_stack: MakeStack) -> None:
    stack = make_stack(deadline_minutes=30, examples={"Name": "a"})
    assert snapshot(stack) == snapshot(make_stack())
