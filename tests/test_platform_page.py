"""docs/platform.md says what is so: its tables are current, and the checks that it names exist.

TAPGEN_UPDATE_GOLDEN=1 writes the tables anew; look at the difference before committing it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Any

from tapgen.model.layer import Layer
from tapgen.payments.layers.parts.api.routes import PAYMENTS, ROUTES
from tapgen.payments.layers.registry import LAYERS
from tapgen.payments.platform import PLATFORM
from tapgen.review.lint.rules.registry import rules_for
from tapgen.review.lint.rules.rule import Rule
from tapgen.settings.environment import Environment
from tapgen.settings.fields import Field, fields
from tapgen.settings.store import load_all
from tests import generated_parts
from tests.generated_parts import code, table
from tests.paths import ROOT

PAGE = ROOT / "docs" / "platform.md"


def test_the_tables_are_current() -> None:
    environments = load_all(ROOT / "envs", PLATFORM)
    differing = [
        field for field in fields(PLATFORM).values() if len(values(field, environments)) > 1
    ]
    shared = [field for field in fields(PLATFORM).values() if field not in differing]
    parts = {
        "operations": table(
            ["operation", "function", "scope", "needs"],
            [
                [
                    f"`{route.verb} {route.path}`",
                    "payment-processor" if route.alias == PAYMENTS else "session-manager",
                    f"`{route.scope}`" if route.scope else "none",
                    ", ".join(filter(None, [route.header, route.model and "a body"])) or "-",
                ]
                for route in ROUTES
            ],
        ),
        "layers": table(
            ["layer", "holds", "takes from", "region", "left out without"],
            [layer_row(layer) for layer in LAYERS],
        ),
        "differing": table(
            ["setting", *(environment.name for environment in environments), "accepted"],
            [
                [f"`{field.setting}`", *shown(field, environments), accepted(field)]
                for field in differing
            ],
        ),
        "shared": table(
            ["setting", "value", "accepted"],
            shared_rows(shared, environments),
        ),
    }
    generated_parts.check(PAGE, parts)


def layer_row(layer: Layer) -> list[str]:
    sources = dict.fromkeys(source.layer for source in layer.inputs.values())
    return [
        layer.name,
        layer.summary,
        ", ".join(sources) or "-",
        layer.region or "the environment's",
        f"`{layer.needs}`" if layer.needs else "-",
    ]


def shared_rows(shared: list[Field], environments: Sequence[Environment]) -> list[list[str]]:
    """A row for each setting; those left out of one section that take the same are one row."""
    rows: dict[tuple[str, ...], list[str]] = {}
    for field in shared:
        (value, *_), takes = shown(field, environments), accepted(field)
        section = field.setting.partition(".")[0] if value == "-" else field.setting
        rows.setdefault((section, value, takes), []).append(field.setting)
    return [[code(settings), value, takes] for (_, value, takes), settings in rows.items()]


def values(field: Field, environments: Sequence[Environment]) -> set[str]:
    return {environment.parameter(field.setting) for environment in environments}


def shown(field: Field, environments: Sequence[Environment]) -> list[str]:
    found = [environment.parameter(field.setting) for environment in environments]
    return [", ".join(value.split(",")) or "-" for value in found]


def accepted(field: Field) -> str:
    """What a setting takes, in the form that its kind has."""
    match field.kind:
        case "flag":
            return "true, false"
        case _ if field.choices:
            every = ", ".join(map(str, field.choices))
            return f"any of {every}" if field.kind == "list" else every
        case "whole":
            return f"{field.low} to {field.high}"
        case _:
            return field.description


def test_the_checks_that_it_names_exist() -> None:
    (listed,) = re.findall(
        r"^## Twelve common mistakes.*\Z", PAGE.read_text(), re.MULTILINE | re.DOTALL
    )
    things = re.split(r"^\d+\. ", listed, flags=re.MULTILINE)[1:]
    assert len(things) == 12
    ruled: list[Rule[Any]] = [*rules_for(PLATFORM).templates, *rules_for(PLATFORM).stacks]
    rules = {rule.id for rule in ruled}
    for thing in things:
        named = re.findall(r"`([^`]+)`", thing)
        assert named, thing
        for name in named:
            if re.fullmatch(r"T\d{3}", name):
                assert name in rules, name
            elif "::" in name:
                file, _, test = name.partition("::")
                tree = ast.parse((ROOT / file).read_text())
                assert test in {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}, name


def test_every_layer_is_described() -> None:
    described = re.findall(r"^\*\*(\w+)\*\* — ", PAGE.read_text(), re.MULTILINE)
    assert described == [layer.name for layer in LAYERS]
