"""Every setting of a platform by its dotted name, as declared: type, range, description."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, Final, Literal, NamedTuple

from msgspec import inspect

from tapgen.errors import TapgenError
from tapgen.model.platform import Platform
from tapgen.settings.base import FORM_KEY, OWN_KEY, VARIES_KEY, Form, SecretReference, Settings
from tapgen.settings.kinds import settings_of

Kind = Literal["text", "whole", "flag", "list", "secret"]

# Why a setting of a kind has to have a value of its own, where its declaration gives no reason.
_KINDS: Final = {
    "flag": "what is read elsewhere is text, and this is true or false",
    "whole": "what is read elsewhere is text, and this is a number that is checked with others",
    "list": "what is read elsewhere is text, and this is a list",
    "text": "it takes one of few values, which are reviewed",
    "secret": "it is a secret, which only CloudFormation reads",
}


class Field(NamedTuple):
    """One setting: what it accepts and what it is for.

    `choices` are the only accepted values (of a list: of its members); empty means any within
    `low` to `high`, or matching `pattern`. `varies` tells whether environments may each have their
    own value; `own` why it cannot be read from elsewhere, "" where it can.
    `form` is what a text looks like, where its declaration says so.
    """

    setting: str
    kind: Kind
    description: str
    required: bool
    varies: bool
    own: str
    choices: tuple[str | int, ...] = ()
    pattern: str = ""
    low: int | None = None
    high: int | None = None
    form: Form | None = None

    @property
    def takes_elsewhere(self) -> bool:
        """Whether it may be read from another environment's output, or from Systems Manager."""
        return not self.own


@cache
def fields(platform: Platform) -> dict[str, Field]:
    """Return every setting, dotted name -> Field.

    The order is that of declaration, but the engine's own sections come last.
    """
    every, engine = (_members(kind) for kind in (settings_of(platform), Settings))
    last = {member.name for member in engine if isinstance(member.type, inspect.StructType)}
    ordered = sorted(every, key=lambda member: member.name in last)
    return {field.setting: field for field in _of_members(ordered, "")}


def may_vary(platform: Platform, setting: str) -> bool:
    """Whether environments may each have their own value of what fills a template parameter.

    That is a setting, one derived from it such as `<list setting>.<member>`, the derived `prefix`,
    or something that no environment decides, such as the key of the code, which is the same
    everywhere.
    """
    known = fields(platform)
    found = known.get(setting) or known.get(setting.rpartition(".")[0])
    return found.varies if found else setting == "prefix"


@cache
def sections(platform: Platform) -> dict[str, tuple[str, ...]]:
    """Return the names that may stand in each section; "" is the top of the file."""
    found: dict[str, list[str]] = {"": []}
    for setting in fields(platform):
        section, _, leaf = setting.rpartition(".")
        if section and section not in found:
            found[section] = []
            found[""].append(section)
        found[section].append(leaf)
    return {section: tuple(leaves) for section, leaves in found.items()}


def _members(kind: type[Settings]) -> tuple[Any, ...]:
    declared: Any = inspect.type_info(kind)
    return tuple(declared.fields)


def _of_members(members: Iterable[Any], path: str) -> list[Field]:
    found: list[Field] = []
    for member in members:
        setting = f"{path}{member.name}"
        if isinstance(member.type, inspect.StructType):
            found += _of_members(member.type.fields, f"{setting}.")
        else:
            found.append(_field(setting, member.type, required=member.required))
    return found


def _field(setting: str, declared: Any, *, required: bool) -> Field:
    takes_elsewhere = False
    if isinstance(declared, inspect.UnionType):  # `... | Elsewhere | None`
        takes_elsewhere = any(isinstance(one, inspect.StructType) for one in declared.types)
        declared = next((one for one in declared.types if isinstance(one, inspect.Metadata)), None)
    if not isinstance(declared, inspect.Metadata):
        raise TapgenError(
            f"the setting {setting} is declared without a description",
            "Annotate its type with `whole`, `text` or `described` of tapgen.settings.base.",
        )
    accepted = _accepted(declared.type)
    schema = declared.extra_json_schema or {}
    if takes_elsewhere and accepted["kind"] != "text":
        raise TapgenError(
            f"the setting {setting} is no text, and cannot be read from elsewhere",
            "Declare it without Elsewhere: rules between settings need its value in the file.",
        )
    reason = (declared.extra or {}).get(OWN_KEY) or _KINDS[accepted["kind"]]
    return Field(
        setting,
        description=schema["description"],
        required=required,
        varies=schema[VARIES_KEY],
        own="" if takes_elsewhere else reason,
        form=(declared.extra or {}).get(FORM_KEY),
        **accepted,
    )


def _accepted(bare: Any) -> dict[str, Any]:
    """The kind of a setting of this type, and what it accepts."""
    match bare:
        case inspect.StructType(cls=kind) if kind is SecretReference:
            return {"kind": "secret"}
        case inspect.BoolType():
            return {"kind": "flag"}
        case inspect.IntType():
            return {"kind": "whole", "low": bare.ge, "high": bare.le}
        case inspect.VarTupleType(item_type=inspect.LiteralType(values=values)):
            return {"kind": "list", "choices": values}  # msgspec lists them sorted
        case inspect.LiteralType(values=values):
            return {"kind": "whole" if isinstance(values[0], int) else "text", "choices": values}
        case _:
            return {"kind": "text", "pattern": bare.pattern}
