"""Effects of a change on a resource, from the worst to the most harmless."""

from __future__ import annotations

from enum import Enum
from typing import Final


class Effect(Enum):
    """The predicted effect; the value is its name for machines.

    DIFFERS predicts nothing: no deployment turns one environment into another.
    """

    DATA_LOSS = "replacement-data-loss"
    REMOVAL_DATA_LOSS = "removal-data-loss"
    UNPROTECTED = "protection-off"
    FAILS = "would-fail"
    REPLACEMENT = "replacement"
    DEPENDS = "depends"
    RETAINED = "removal-data-retained"
    REMOVAL = "removal"
    INTERRUPTION = "some-interruption"
    MOVE = "move"
    VERSION = "new-version"
    IN_PLACE = "in-place"
    ADDITION = "addition"
    DIFFERS = "differs"

    @property
    def label(self) -> str:
        """The effect in words."""
        return _LABELS[self]

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return _RANKS[self]

    @property
    def replaces(self) -> bool:
        """True if the resource is replaced, or may be."""
        return self in _REPLACING

    @property
    def loses(self) -> bool:
        """True if the stack no longer has the present resource afterwards."""
        return self.replaces or self in _REMOVING


_LABELS: Final = {
    Effect.DATA_LOSS: "replacement, data loss",
    Effect.REMOVAL_DATA_LOSS: "removal, data loss",
    Effect.UNPROTECTED: "protection switched off",
    Effect.FAILS: "the update would fail",
    Effect.REPLACEMENT: "replacement",
    Effect.DEPENDS: "depends: in place or replacement",
    Effect.RETAINED: "removal, data retained",
    Effect.REMOVAL: "removal",
    Effect.INTERRUPTION: "some interruption",
    Effect.MOVE: "move to another stack",
    Effect.VERSION: "new version",
    Effect.IN_PLACE: "in place",
    Effect.ADDITION: "addition",
    Effect.DIFFERS: "differs",
}
_RANKS: Final = {effect: rank for rank, effect in enumerate(Effect)}
_REPLACING: Final = {Effect.DATA_LOSS, Effect.REPLACEMENT, Effect.DEPENDS, Effect.VERSION}
_REMOVING: Final = {Effect.REMOVAL_DATA_LOSS, Effect.RETAINED, Effect.REMOVAL}


def worst(effects: list[Effect]) -> Effect:
    """The worst of the effects; without any, the change is in place."""
    return min(effects, key=lambda effect: effect.rank, default=Effect.IN_PLACE)
