"""Two environments, setting by setting."""

from __future__ import annotations

from dataclasses import dataclass

from tapgen.settings.environment import Environment
from tapgen.settings.faults import Source
from tapgen.settings.parsing.values import Value


@dataclass(frozen=True, slots=True)
class SettingValue:
    """A setting in one environment; it has no source if it has its default value."""

    value: Value
    text: str
    source: Source | None


@dataclass(frozen=True, slots=True)
class SettingDifference:
    """A setting in which two environments differ, and whether they may."""

    setting: str
    first: SettingValue
    second: SettingValue
    varies: bool


def differences(first: Environment, second: Environment) -> tuple[SettingDifference, ...]:
    """The settings that differ, in the order of declaration; list order is ignored."""
    return tuple(
        SettingDifference(
            setting, _value(first, setting), _value(second, setting), first.may_vary(setting)
        )
        for setting in first.leaves
        if _comparable(first.value(setting)) != _comparable(second.value(setting))
    )


def _value(environment: Environment, setting: str) -> SettingValue:
    return SettingValue(
        environment.value(setting),
        environment.parameter(setting),
        environment.sources.get(setting),
    )


def _comparable(value: Value) -> Value | frozenset[str]:
    return frozenset(value) if isinstance(value, tuple) else value
