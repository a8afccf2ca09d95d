"""Every setting by its dotted name, as declared in `settings`: type, range, description."""

from __future__ import annotations

from functools import cache, partial
from typing import Any, Literal, NamedTuple

from msgspec import inspect

from tapgen.settings.base import VARIES_KEY, Settings

Kind = Literal["text", "whole", "flag", "list"]


class Field(NamedTuple):
    """One setting: what it accepts and what it is for.

    `choices` are the only accepted values (of a list: of its members); empty means any within
    `low` to `high`, or matching `pattern`. `varies` tells whether environments may each have their
    own value, `takes_output` whether it may be read from another environment's output.
    """

    setting: str
    kind: Kind
    description: str
    required: bool
    varies: bool
    choices: tuple[str | int, ...] = ()
    pattern: str = ""
    low: int | None = None
    high: int | None = None
    takes_output: bool = False


@cache
def fields() -> dict[str, Field]:
    """Return every setting in the order of declaration, dotted name -> Field."""
    return {field.setting: field for field in _of_struct(inspect.type_info(Settings), "")}


def may_vary(setting: str) -> bool:
    """Whether environments may each have their own value of what fills a template parameter.

    That is a setting, one derived from it such as `<list setting>.<member>`, the derived `prefix`,
    or something that no environment decides, such as the key of the code, which is the same
    everywhere.
    """
    known = fields()
    found = known.get(setting) or known.get(setting.rpartition(".")[0])
    return found.varies if found else setting == "prefix"


@cache
def sections() -> dict[str, tuple[str, ...]]:
    """Return the names that may stand in each section; "" is the top of the file."""
    found: dict[str, list[str]] = {"": []}
    for setting in fields():
        section, _, leaf = setting.rpartition(".")
        if section and section not in found:
            found[section] = []
            found[""].append(section)
        found[section].append(leaf)
    return {section: tuple(leaves) for section, leaves in found.items()}


def _of_struct(struct: Any, path: str) -> list[Field]:
    found: list[Field] = []
    for member in struct.fields:
        setting = f"{path}{member.name}"
        if isinstance(member.type, inspect.StructType):
            found += _of_struct(member.type, f"{setting}.")
        else:
            found.append(_field(setting, member.type, required=member.required))
    return found


def _field(setting: str, declared: Any, *, required: bool) -> Field:
    takes_output = False
    if isinstance(declared, inspect.UnionType):  # `... | OutputReference | None`
        takes_output = any(isinstance(one, inspect.StructType) for one in declared.types)
        declared = next(one for one in declared.types if isinstance(one, inspect.Metadata))
    bare: Any = declared.type
    extra = declared.extra_json_schema
    of = partial(
        Field,
        setting,
        description=extra["description"],
        required=required,
        varies=extra[VARIES_KEY],
        takes_output=takes_output,
    )
    match bare:
        case inspect.BoolType():
            return of("flag")
        case inspect.IntType():
            return of("whole", low=bare.ge, high=bare.le)
        case inspect.VarTupleType(item_type=inspect.LiteralType(values=values)):
            return of("list", choices=_choices(values))
        case inspect.LiteralType(values=values):
            kind: Kind = "whole" if isinstance(values[0], int) else "text"
            return of(kind, choices=_choices(values))
        case _:
            return of("text", pattern=bare.pattern)


def _choices(values: tuple[Any, ...]) -> tuple[str | int, ...]:
    return values  # msgspec lists them sorted; settings use str and int only
