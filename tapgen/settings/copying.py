"""What a platform says about an environment that is made after the example of another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from tapgen.settings.environment import Environment


class Copy(NamedTuple):
    """A copy that is about to be made of the environment `original`.

    `given` are the settings that options of `tapgen env new` gave, by dotted name; `existing` are
    all environments there are.
    """

    name: str
    account_id: str
    region: str
    original: Environment
    existing: tuple[Environment, ...]
    given: Mapping[str, str]


class CopyOption(NamedTuple):
    """The setting that `tapgen env new --<option>` gives, and what the result calls it."""

    setting: str
    label: str


def _nothing(_: Copy) -> Mapping[str, str | bool]:
    return {}


class Copying(NamedTuple):
    """What a copy has of its own beside name, account and region.

    - `options`: by option of `tapgen env new`, in the order in which the result is told.
    - `derived`: values that follow from the copy, where they were not given.
    - `left_out`: settings that belong to the original alone; a copy would point into its account,
      or take its names.
    """

    options: Mapping[str, CopyOption] = MappingProxyType({})
    derived: Callable[[Copy], Mapping[str, str | bool]] = _nothing
    left_out: tuple[str, ...] = ()
