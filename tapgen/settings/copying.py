"""A platform's declarations about copies of environments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from tapgen.settings.environment import Environment


class Copy(NamedTuple):
    """A copy of the environment `original`, before it is made.

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
    """The own settings of a copy, in addition to name, account and region.

    - `options`: by option of `tapgen env new`, in the order in which the result shows them.
    - `derived`: values that are derived for the copy if they are not given.
    - `left_out`: settings that belong to the original alone; a copy would use its account or its
      names.
    """

    options: Mapping[str, CopyOption] = MappingProxyType({})
    derived: Callable[[Copy], Mapping[str, str | bool]] = _nothing
    left_out: tuple[str, ...] = ()
