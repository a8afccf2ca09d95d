"""The validated `Environment`: all that other packages know about the YAML files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from operator import attrgetter
from typing import Any, Final

from msgspec import structs

from tapgen.errors import TapgenError
from tapgen.model.platform import Platform
from tapgen.settings.base import Settings
from tapgen.settings.faults import Source, guess, shown
from tapgen.settings.fields import Field, fields, may_vary
from tapgen.settings.parsing.values import Value

__all__ = ["Environment", "Source"]

_PARITIES: Final = {"even": 0, "odd": 1}


@dataclass(frozen=True)
class Environment:
    """One environment of a platform: its settings, and where each was written.

    `settings` is a value of the type that the platform declares, see `settings_of`. A setting that
    was left at its default is not in `sources`.
    """

    settings: Settings
    platform: Platform = field(compare=False, repr=False)
    sources: Mapping[str, Source] = field(default_factory=dict, hash=False)

    @property
    def name(self) -> str:
        return self.settings.name

    @property
    def prefix(self) -> str:
        """The beginning of the name of every stack and named resource."""
        return self.settings.prefix

    @property
    def account_id(self) -> str:
        return self.settings.account_id

    @property
    def region(self) -> str:
        return self.settings.region

    @property
    def protection(self) -> bool:
        return self.settings.protection

    @property
    def fields(self) -> Mapping[str, Field]:
        """Setting -> what it accepts, in the order of `leaves`."""
        return fields(self.platform)

    @property
    def leaves(self) -> Mapping[str, Value]:
        """Every setting in the order of `fields`, dotted name -> value; made at each call."""
        return dict(zip(self.fields, _values(self.platform)(self.settings), strict=True))

    def value(self, setting: str) -> Value:
        """Return the value of a dotted setting.

        Besides the settings there are three derived ones: `prefix`; `<list setting>.<member>`,
        which tells whether the list has that member; `<whole setting>.odd` and `.even`, the last
        such number up to the setting's. Raises TapgenError for anything else.
        """
        known = self.fields
        if setting in known:
            return self._leaf(setting)
        if setting == "prefix":
            return self.prefix
        whole, _, part = setting.rpartition(".")
        declared = known.get(whole)
        if declared and declared.kind == "list" and part in declared.choices:
            members = self._leaf(whole)
            return isinstance(members, tuple) and part in members
        if declared and declared.kind == "whole" and part in _PARITIES:
            number = int(str(self._leaf(whole)))
            return number - (number - _PARITIES[part]) % 2
        close = guess(setting, [*known, "prefix"])
        raise TapgenError(
            f"there is no setting {shown(setting)}",
            f"did you mean {close}?" if close else "`tapgen env schema` describes every setting",
        )

    def replaced(self, setting: str, value: Value) -> Environment:
        """The same environment with another value of a setting; nothing is checked again."""
        section, _, name = setting.rpartition(".")
        inner: dict[str, Any] = {name: value}
        if section:
            inner = {section: structs.replace(getattr(self.settings, section), **inner)}
        return replace(self, settings=structs.replace(self.settings, **inner))

    def parameter(self, setting: str) -> str:
        """Return the value of a setting as a CloudFormation parameter, see `as_parameter`."""
        return as_parameter(self.value(setting))

    def may_vary(self, setting: str) -> bool:
        """Whether another environment may have another value of it, see `fields.may_vary`."""
        return may_vary(self.platform, setting)

    def _leaf(self, setting: str) -> Value:
        value: Value = attrgetter(setting)(self.settings)
        return value


def as_parameter(value: Value) -> str:
    """Return a value as a CloudFormation parameter.

    true/false for booleans, members joined by commas for lists, "" for unset values. A value that
    is read from elsewhere is `{output: ...}`, `{ssm: ...}` or `{secret: ...}`, which is not valid
    for a parameter.
    """
    match value:
        case str(text):
            return text
        case None:
            return ""
        case bool(flag):
            return "true" if flag else "false"
        case tuple(members):
            return ",".join(members)
        case _:
            return str(value)


@cache
def _values(platform: Platform) -> attrgetter[tuple[Value, ...]]:
    """The getter of all values, in the order of `fields`."""
    return attrgetter(*fields(platform))
