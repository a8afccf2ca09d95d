"""The settings of a platform as one type: its declared ones, with a deadline for each layer."""

from __future__ import annotations

from functools import cache
from inspect import get_annotations
from typing import Annotated, Any, Final, cast

from msgspec import defstruct

from tapgen.errors import TapgenError
from tapgen.model.limits import TIMEOUT_MINUTES
from tapgen.model.parts.places import place_of
from tapgen.model.platform import Platform
from tapgen.settings.base import Settings, TimeoutMinutes, whole

_DEADLINE: Final = Annotated[
    int, whole(TIMEOUT_MINUTES, "For this layer, instead of the default.", varies=True)
]


@cache
def settings_of(platform: Platform) -> type[Settings]:
    """The type of the platform's settings: `timeout_minutes` knows each of its layers.

    A layer whose deadline is a separate setting has none there. Raises `TapgenError` if the
    platform's settings cannot be imported.
    """
    declared: type[Settings] = platform.part("settings", type)
    if not issubclass(declared, Settings):
        raise TapgenError(
            f"settings of the platform {platform.name}: {platform.settings!r} is not a Settings "
            "class",
            "Name a subclass of tapgen.settings.base.Settings.",
        )
    _refuse_redeclared(declared)
    deadlines = [
        (layer.name, _DEADLINE | None, None) for layer in platform.layers if not layer.deadline
    ]
    timeouts = _subclass(TimeoutMinutes, deadlines)
    return cast("type[Settings]", _subclass(declared, [("timeout_minutes", timeouts, timeouts())]))


def _refuse_redeclared(declared: type[Settings]) -> None:
    """Raise `TapgenError` if settings that every platform has are declared again.

    They decide the names and places of stacks.
    """
    own = [kind for kind in declared.__mro__ if issubclass(kind, Settings) and kind is not Settings]
    faults = [
        f"{place_of(kind)}: {kind.__name__} declares `{name}`, which every platform has"
        for kind in own
        for name in get_annotations(kind)
        if name in Settings.__struct_fields__
    ]
    if faults:
        raise TapgenError(
            "\n".join(faults), "Leave it out: the engine declares it, and envs/ has its value."
        )


def _subclass(base: type[Any], fields: list[tuple[str, Any, Any]]) -> type[Any]:
    """A subclass under the same name: it stands for `base` in schemas and messages."""
    return defstruct(
        base.__name__,
        fields,
        bases=(base,),
        module=base.__module__,
        namespace={"__doc__": base.__doc__},
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
    )
