"""docs/reference says what is so: it is made of the program itself.

TAPGEN_UPDATE_GOLDEN=1 writes it anew; look at the difference before committing it.
"""

from __future__ import annotations

import json
import os
from importlib import import_module
from typing import Final

import pytest

from tapgen.cli.main import COMMANDS, module_of
from tapgen.cli.schemas import SCHEMAS, schema_text
from tapgen.render.rendering import Rendered
from tests.paths import ROOT
from tests.reference import commands, python_api, rules, schemas, settings, variables
from tests.reference.examples import example_of

FOLDER: Final = ROOT / "docs" / "reference"


@pytest.fixture(scope="module")
def pages(rendered: Rendered) -> dict[str, str]:
    return {
        **commands.pages(),
        "settings.md": settings.page(rendered),
        "rules.md": rules.page(),
        "schemas.md": schemas.page(),
        "variables.md": variables.page(),
        "python.md": python_api.page(),
    }


def test_the_reference_is_current(pages: dict[str, str]) -> None:
    if os.environ.get("TAPGEN_UPDATE_GOLDEN"):
        for path in FOLDER.rglob("*.md"):
            path.unlink()
        for name, text in pages.items():
            path = FOLDER / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    found = {str(path.relative_to(FOLDER)): path.read_text() for path in FOLDER.rglob("*.md")}
    assert found == pages, "TAPGEN_UPDATE_GOLDEN=1 pytest tests/reference writes it anew"


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_field_is_described(name: str) -> None:
    schema = json.loads(schema_text(name))
    shapes = schema.get("oneOf", [schema])
    rows = (row for shape in shapes for row in schemas.rows_of(shape, schema))
    assert [path for path, _, description in rows if not description] == []


def test_every_command_has_an_example_that_is_run() -> None:
    named = (
        f"{name} {inner}" if inner else name
        for name in COMMANDS
        for inner in getattr(import_module(module_of(name)).command, "commands", [""])
    )
    missing = [name for name in named if example_of(name) is None]
    assert missing == [], "show each in a console block of a page, with what it prints"


def test_every_variable_is_in_the_reference(pages: dict[str, str]) -> None:
    read = variables.read_by_tapgen()
    assert {"TAPGEN_ENV", "NO_COLOR"} <= read
    assert [name for name in sorted(read) if f"`{name}`" not in pages["variables.md"]] == []
