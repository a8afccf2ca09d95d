from __future__ import annotations

import json
from typing import Any

import pytest

from tapgen.cli.schemas import SCHEMAS


def test_it_lists_the_schemas_with_their_commands(tapgen: Any) -> None:
    ran = tapgen("schema")
    assert (ran.code, ran.err) == (0, "")
    rows = {line.split()[0]: line.split(maxsplit=1)[1] for line in ran.out.splitlines()[1:]}
    assert rows.keys() == SCHEMAS.keys()
    assert rows["env-list"] == "env list"
    assert rows["error"] == "all, instead of a result"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("plan", "tapgen plan"),
        ("env-show", "tapgen env show"),
        ("env show", "tapgen env show"),
        ("deploy", "Line of a stream"),
        ("drift --repair", "Line of a stream"),
        ("error", "Error of any command, printed instead of a result"),
    ],
)
def test_it_prints_the_schema_by_its_name_or_by_a_command(
    tapgen: Any, name: str, title: str
) -> None:
    ran = tapgen("schema", "--", name)
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out)["title"].startswith(title)


def test_what_there_is_not_is_wrong_usage(tapgen: Any) -> None:
    ran = tapgen("schema", "stauts")
    hint = "Did you mean status? `tapgen schema` lists them with their commands."
    assert ran == (2, "", f"error: there is no schema 'stauts'\nnext: {hint}\n")
    assert "next: `tapgen schema` lists them" in tapgen("schema", "zzz").err
