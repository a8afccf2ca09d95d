"""Running the builder module of a layer.

Builders are code of a platform, and code is wrong at times. Whatever a builder raises is an
expected error that shows the line, not a bug in tapgen.
"""

from __future__ import annotations

import linecache
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from traceback import walk_tb
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tapgen.errors import TapgenError
from tapgen.model.layer import Layer
from tapgen.model.parts.places import in_project, place_of
from tapgen.model.parts.running import aside
from tapgen.model.platform import load
from tapgen.render.packages import source_of
from tapgen.render.sources.draft import BrokenLayerError, Draft

if TYPE_CHECKING:
    from tapgen.render.blueprint import Blueprint

# What a builder calls of the engine: that does not have the line that is wrong.
_ENGINE: Final = ("tapgen.model.", "tapgen.render.")
# How troposphere names the resource that it complains about.
_TITLE: Final = re.compile(r"[Tt]itle:? '?(\w+)")


class _Place(NamedTuple):
    path: str
    line: int
    code: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.code}"


def blueprint_of(layer: Layer) -> Blueprint:
    """What the layer's builder module makes; the module, and troposphere, is imported only now.

    Raises `BrokenLayerError` for what the builder raises, `TapgenError` where there is none.
    """
    with _explained(layer):
        builder = load(f"{layer.module}:build", f"the builder of layer {layer.name}")
        made = builder()
    from tapgen.render.blueprint import Blueprint  # what the builder has imported, too

    if isinstance(made, Blueprint) and made.layer == layer.name:
        return made
    wrong, hint = f"{_kind(made)}, no Blueprint", "End it with `return blueprint.finish()`."
    if isinstance(made, Blueprint):
        wrong = f"a Blueprint of the layer {made.layer!r}"
        hint = f'Begin it with `Blueprint("{layer.name}", ...)`, as the registry of layers says.'
    raise BrokenLayerError(
        f"layer {layer.name} cannot be built: build() gives {wrong}\n"
        f"  {place_of(builder) or source_of(layer)}",
        hint,
    )


def draft(layer: Layer) -> Draft:
    """What the layer's builder says. Raises what `blueprint_of` does."""
    if layer.settings:
        raise TapgenError(
            f"layer {layer.name}: the registry has settings for it, which are for template files",
            "Name its file, `template=`, or declare them beside the parameters in "
            f"{source_of(layer)}.",
        )
    blueprint = blueprint_of(layer)

    def document() -> dict[str, Any]:
        with _explained(layer):  # troposphere validates what was written when it is put out
            return blueprint.document()

    return Draft(blueprint.inputs, blueprint.outputs, document)


def _kind(made: object) -> str:
    return "nothing" if made is None else f"a {type(made).__name__}"


@contextmanager
def _explained(layer: Layer) -> Iterator[None]:
    try:
        with aside:
            yield
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # `sys.exit()` too: nothing was built
        source = source_of(layer)
        cause = error.__cause__ if isinstance(error, TapgenError) and error.__cause__ else error
        place = _place_of(layer, cause)
        if isinstance(error, TapgenError) and place is None:
            raise
        own = error.message if isinstance(error, TapgenError) else ""
        hint = error.hint if isinstance(error, TapgenError) else ""
        words = own or f"{type(error).__name__}: {error}".removesuffix(": ")
        broken = BrokenLayerError(
            f"layer {layer.name} cannot be built: {words}\n  {place or source}",
            hint or f"Fix the builder; `git diff HEAD -- {source}` shows what has changed.",
        )
        broken.place = (place.path, place.line, 1) if place else (source, 1, 1)
        raise broken from error


def _place_of(layer: Layer, error: BaseException) -> _Place | None:
    """The last line of the platform's that led to the error, or that names what it is about."""
    if isinstance(error, SyntaxError) and error.filename:
        path = os.path.relpath(str(error.filename))
        return _Place(path, error.lineno or 0, (error.text or "").strip())
    own, found = f"{layer.package.partition('.')[0]}.", None
    for frame, line in walk_tb(error.__traceback__):
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith(own) and not module.startswith(_ENGINE):
            code = linecache.getline(frame.f_code.co_filename, line).strip()
            file = in_project(frame.f_code.co_filename, f"{module.replace('.', '/')}.py")
            found = _Place(file, line, code)
    return found or _naming(layer, str(error))


def _naming(layer: Layer, message: str) -> _Place | None:
    """Where the layer's module names the resource that troposphere has something against."""
    title, source = _TITLE.search(message), source_of(layer)
    if title is None or not Path(source).is_file():
        return None
    for number, text in enumerate(Path(source).read_text().splitlines(), start=1):
        if f'"{title[1]}"' in text:
            return _Place(source, number, text.strip())
    return None
