"""What commands print as JSON, held against its schema; the fixtures that run tapgen call it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from tapgen.cli import machine
from tapgen.cli.main import COMMANDS
from tapgen.cli.schemas import SCHEMAS, schema_text


def check(arguments: Sequence[str], out: str) -> None:
    """Assert that what a command line that asks for JSON has printed is as its schema says."""
    if not out.strip() or not machine.is_wanted(arguments) or {"--help", "-h"} & {*arguments}:
        return
    name = schema_of(arguments)
    documents = out.splitlines() if name == "events" else [out]
    for document in map(json.loads, documents):
        failed = document.keys() == {"version", "error"}
        check_against("error" if failed else name, document)


def check_against(name: str, document: Any) -> None:
    """Assert that a document is as a schema says."""
    faults = [
        f"{error.json_path}: {error.message}" for error in validator(name).iter_errors(document)
    ]
    assert faults == [], f"{name}: {document}"


def schema_of(arguments: Sequence[str]) -> str:
    """The name of the schema for a command line."""
    words = [word for word in arguments if not word.startswith("-")]
    first = next(number for number, word in enumerate(words) if word in COMMANDS)
    wanted = [" ".join(words[first : first + 2]), words[first]]
    flags = [flag for flag in ("--check", "--dry-run", "--repair", "--live") if flag in arguments]
    wanted = [*(f"{words[first]} {flag}" for flag in flags), *wanted]
    of = {command: name for name, commands in SCHEMAS.items() for command in commands}
    return next((of[each] for each in wanted if each in of), "error")


@cache
def validator(name: str) -> Draft202012Validator:
    """What holds documents against the schema."""
    return Draft202012Validator(json.loads(schema_text(name)))
