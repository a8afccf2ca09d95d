"""Running the builder module of a layer.

Builders are code of a platform. Whatever a builder raises is an expected error that shows the line,
not a bug in tapgen.
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

# Modules of the engine that builders call: the faulty line is not in them.
_ENGINE: Final = ("tapgen.model.", "tapgen.render.")
# The resource in an error message of troposphere.
_TITLE: Final = re.compile(r"[Tt]itle:? '?(\w+)")


class _Place(NamedTuple):
    path: str
    line: int
    code: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.code}"


def blueprint_of(layer: Layer) -> Blueprint:
    """The result of the layer's builder module, which is imported only now, as is troposphere.

    Raises `BrokenLayerError` for any error of the builder, `TapgenError` if there is no builder.
    """
    with _explained(layer):
        builder = load(f"{layer.module}:build", f"the builder of layer {layer.name}")
        made = builder()
    from tapgen.render.blueprint import Blueprint  # what the builder has imported, too

    if isinstance(made, Blueprint) and made.layer == layer.name:
        return made
    wrong, hint = f"{_kind(made)}, not a Blueprint", "End it with `return blueprint.finish()`."
    if isinstance(made, Blueprint):
        wrong = f"a Blueprint of the layer {made.layer!r}"
        hint = (
            f'Begin it with `Blueprint("{layer.name}", ...)`, the name in the registry of layers.'
        )
    raise BrokenLayerError(
        f"layer {layer.name} cannot be built: build() returns {wrong}\n"
        f"  {place_of(builder) or source_of(layer)}",
        hint,
    )


def draft(layer: Layer) -> Draft:
    """The draft of the layer's builder. Raises the errors of `blueprint_of`."""
    if layer.settings:
        raise TapgenError(
            f"layer {layer.name}: `settings=` in the registry is only for template files",
            f"Name its file with `template=`, or declare the settings with the parameters in "
            f"{source_of(layer)}.",
        )
    blueprint = blueprint_of(layer)

    def document() -> dict[str, Any]:
        with _explained(layer):  # troposphere validates resources when they are encoded
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
            hint or f"Correct the builder; `git diff HEAD -- {source}` shows what has changed.",
        )
        broken.place = (place.path, place.line, 1) if place else (source, 1, 1)
        raise broken from error


def _place_of(layer: Layer, error: BaseException) -> _Place | None:
    """The platform's last line in the traceback, or else one that names the faulty resource."""
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
    """The line of the layer's module that names the resource in troposphere's message."""
    title, source = _TITLE.search(message), source_of(layer)
    if title is None or not Path(source).is_file():
        return None
    for number, text in enumerate(Path(source).read_text().splitlines(), start=1):
        if f'"{title[1]}"' in text:
            return _Place(source, number, text.strip())
    return None
