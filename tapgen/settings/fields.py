"""Every setting of a platform by its dotted name, as declared: type, range, description."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from typing import Any, Final, Literal, NamedTuple

from msgspec import NODEFAULT, inspect

from tapgen.errors import TapgenError
from tapgen.model.limits import REGIONS
from tapgen.model.parts.places import place_of
from tapgen.model.platform import Platform
from tapgen.settings.base import (
    FORM_KEY,
    OWN_KEY,
    VARIES_KEY,
    Form,
    SecretReference,
    Section,
    Settings,
)
from tapgen.settings.faults import guess
from tapgen.settings.kinds import settings_of

Kind = Literal["text", "whole", "flag", "list", "secret"]

# Why a setting of a kind cannot be read from elsewhere, if its declaration gives no reason.
_KINDS: Final = {
    "flag": "values from elsewhere are text, and this is true or false",
    "whole": "values from elsewhere are text, and this is a number that is checked with others",
    "list": "values from elsewhere are text, and this is a list",
    "text": "it has one of few values, which are reviewed",
    "secret": "it is a secret, which only CloudFormation reads",
}


_PREFIX: Final = "prefix"  # which is derived of others


class Field(NamedTuple):
    """One setting: what it accepts and what it is for.

    `choices` are the only accepted values (of a list: of its members); empty means any within
    `low` to `high`, or matching `pattern`. `varies` tells whether environments may each have their
    own value; `own` why it cannot be read from elsewhere, "" if it can. `form` describes a text, if
    its declaration does.
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

    The order is that of declaration, but the engine's own sections come last. Raises `TapgenError`
    with all faults of the platform's declarations.
    """
    declared = settings_of(platform)
    every, engine = (_members(kind) for kind in (declared, Settings))
    last = {member.name for member in engine if isinstance(member.type, inspect.StructType)}
    ordered = sorted(every, key=lambda member: member.name in last)
    faults: list[str] = []
    found = {field.setting: field for field in _of_members(ordered, "", faults)}
    if not faults:
        faults += _unknown(platform, found)
        place, hint = f"the platform {platform.name}", "Correct the Platform."
    else:
        place = f"{place_of(declared.__base__)}: the setting"
        hint = "Annotate each as tapgen.settings.base says: with `whole`, `text` or `described`."
    if faults:
        raise TapgenError("\n".join(f"{place} {fault}" for fault in faults), hint)
    return found


def _unknown(platform: Platform, known: Collection[str]) -> Iterator[str]:
    """Settings, and regions of layers, that a platform names but that do not exist."""
    named = [(f"`tags` of {tag}", setting) for tag, setting in platform.tags.items()]
    named += [("`identity`", setting) for setting in platform.identity]
    named += [("`rollout`", setting) for setting in filter(None, [platform.rollout])]
    for layer in platform.layers:
        options = {"enabled_by": layer.enabled_by, "deadline": layer.deadline}
        named += [(f"`{one}` of the layer {layer.name}", at) for one, at in options.items() if at]
        if layer.region and layer.region not in REGIONS:
            close = guess(layer.region, sorted(REGIONS))
            hint = f"; did you mean {close}?" if close else ""
            yield f"has no region {layer.region}: `region` of the layer {layer.name}{hint}"
    for where, setting in named:
        if setting not in known and setting != _PREFIX:
            close = guess(setting, list(known))
            hint = f"; did you mean {close}?" if close else ""
            yield f"has no setting {setting}: {where}{hint}"


def may_vary(platform: Platform, setting: str) -> bool:
    """Whether environments may each have their own value of what fills a template parameter.

    That is a setting, one derived from it such as `<list setting>.<member>`, the derived `prefix`,
    or something that does not depend on the environment, such as the key of the code.
    """
    known = fields(platform)
    found = known.get(setting) or known.get(setting.rpartition(".")[0])
    return found.varies if found else setting == _PREFIX


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
    """The settings and sections of a type. Raises `TapgenError` if msgspec cannot read it."""
    try:
        declared: Any = inspect.type_info(kind)
    except (NameError, TypeError) as error:
        raise TapgenError(
            f"{place_of(kind.__base__)}: {kind.__name__} cannot be read: {error}",
            "Annotate with the functions of tapgen.settings.base, and with names of the module.",
        ) from error
    return tuple(declared.fields)


def _of_members(members: Iterable[Any], path: str, faults: list[str]) -> list[Field]:
    """The settings among the members; faults of the others are added to `faults`."""
    found: list[Field] = []
    for member in members:
        setting = f"{path}{member.name}"
        section = member.type.cls if isinstance(member.type, inspect.StructType) else None
        if section and not path and issubclass(section, Section):
            found += _of_members(member.type.fields, f"{setting}.", faults)
            if not isinstance(_default(member), section | None):
                faults.append(f"{setting} has a default that is not a {section.__name__}")
        elif section:
            words = "in a section of a section" if path else f"a {section.__name__}, no Section"
            faults.append(f"{setting} is {words}")
        elif isinstance(one := _field(setting, member), Field):
            found.append(one)
        else:
            faults.append(f"{setting} {one}")
    return found


def _field(setting: str, member: Any) -> Field | str:
    """The setting, or what is wrong with it."""
    declared, takes_elsewhere = member.type, False
    if isinstance(declared, inspect.UnionType):  # `... | Elsewhere | None`
        takes_elsewhere = any(isinstance(one, inspect.StructType) for one in declared.types)
        declared = next((one for one in declared.types if isinstance(one, inspect.Metadata)), None)
    schema = getattr(declared, "extra_json_schema", None) or {}
    if not {VARIES_KEY, "description"} <= schema.keys():
        return "is declared without a description"
    accepted = _accepted(declared.type)
    if accepted is None:
        return "is not a text, whole number, bool, Literal, tuple of a Literal or SecretReference"
    if takes_elsewhere and accepted["kind"] != "text":
        return "is not a text, and cannot be read from elsewhere: declare it without Elsewhere"
    low, high = accepted.get("low"), accepted.get("high")
    if low is not None and high is not None and low > high:
        return f"accepts no value: its Range is from {low} to {high}"
    default = _default(member)
    if default is not None and not _takes(accepted, default):
        return f"has the default {default!r:.60}, which would not be accepted in a file"
    reason = (declared.extra or {}).get(OWN_KEY) or _KINDS[accepted["kind"]]
    return Field(
        setting,
        description=schema["description"],
        required=member.required,
        varies=schema[VARIES_KEY],
        own="" if takes_elsewhere else reason,
        form=(declared.extra or {}).get(FORM_KEY),
        **accepted,
    )


def _default(member: Any) -> object:
    """The default value; None if there is none."""
    if member.default_factory is not NODEFAULT:
        return member.default_factory()
    return None if member.default is NODEFAULT else member.default


def _takes(accepted: dict[str, Any], value: Any) -> bool:
    """Whether a file may have this value for a setting."""
    choices: tuple[Any, ...] = accepted.get("choices", ())
    match accepted["kind"]:
        case "flag":
            return isinstance(value, bool)
        case "list":
            return isinstance(value, tuple) and all(one in choices for one in value)
        case "secret":
            return isinstance(value, SecretReference)
    if choices:
        return value in choices
    if accepted["kind"] == "text":
        return isinstance(value, str) and bool(re.search(accepted["pattern"], value))
    low, high = accepted["low"], accepted["high"]
    return type(value) is int and (low is None or low <= value) and (high is None or value <= high)


def _accepted(bare: Any) -> dict[str, Any] | None:
    """The kind of a setting of this type, and what it accepts; None if no setting has the type."""
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
        case inspect.StrType():
            return {"kind": "text", "pattern": bare.pattern or ""}
        case _:
            return None
