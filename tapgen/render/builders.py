"""Running the builder module of a layer, and what its template is made of.

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
from typing import TYPE_CHECKING, Final, NamedTuple

from tapgen.errors import TapgenError
from tapgen.model.layer import Layer
from tapgen.model.platform import load
from tapgen.model.templates.json_text import pretty
from tapgen.model.templates.seal import sealable, sealed
from tapgen.model.templates.stack_policy import stack_policy
from tapgen.model.templates.stateful import stateful_in
from tapgen.model.templates.template import Template

if TYPE_CHECKING:
    from tapgen.render.blueprint import Blueprint

# What a builder calls of the engine: that does not have the line that is wrong.
_ENGINE: Final = ("tapgen.model.", "tapgen.render.")
# How troposphere names the resource that it complains about.
_TITLE: Final = re.compile(r"[Tt]itle:? '?(\w+)")


class BrokenBuilderError(TapgenError):
    """A layer's builder raised something; the message says what, and in which line."""


class _Place(NamedTuple):
    path: str
    line: int
    code: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.code}"


def blueprint_of(layer: Layer) -> Blueprint:
    """What the layer's builder module makes; the module, and troposphere, is imported only now.

    Raises `BrokenBuilderError` for what the builder raises, `TapgenError` where there is none.
    """
    with _explained(layer):
        builder = load(f"{layer.module}:build", f"the builder of layer {layer.name}")
        made = builder()
    from tapgen.render.blueprint import Blueprint  # what the builder has imported, too

    if not isinstance(made, Blueprint):
        code = getattr(builder, "__code__", None)
        where = f"{layer.source}:{code.co_firstlineno}" if code else layer.source
        raise BrokenBuilderError(
            f"layer {layer.name} cannot be built: build() gives {_kind(made)}, no Blueprint"
            f"\n  {where}",
            "End it with `return blueprint.finish()`.",
        )
    return made


def build(layer: Layer) -> Template:
    """Run the layer's builder, check that the registry knows exactly its inputs, and seal it.

    Raises `TapgenError` naming what the builder and the registry do not agree on, or a name that
    tapgen keeps for itself, and `BrokenBuilderError` for what the builder raises.
    """
    blueprint = blueprint_of(layer)
    missing = sorted(blueprint.inputs - layer.inputs.keys())
    unused = sorted(layer.inputs.keys() - blueprint.inputs)
    if missing or unused:
        faults = [f"{name} has no source in the registry" for name in missing]
        faults += [f"{name} is in the registry but the builder does not take it" for name in unused]
        raise TapgenError(
            f"layer {layer.name}: {'; '.join(faults)}",
            f"Make the registry of layers and {layer.source} agree.",
        )
    with _explained(layer):  # troposphere validates what was written when it is put out
        document = blueprint.document()
    policy = stack_policy(stateful_in(document), protected=True)
    text, seal = sealed(pretty(sealable(layer.name, document)), policy)
    return Template(layer.name, text, (document, seal))


def _kind(made: object) -> str:
    return "nothing" if made is None else f"a {type(made).__name__}"


@contextmanager
def _explained(layer: Layer) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # `sys.exit()` too: nothing was built
        cause = error.__cause__ if isinstance(error, TapgenError) and error.__cause__ else error
        place = _place_of(layer, cause)
        if isinstance(error, TapgenError) and place is None:
            raise
        own = error.message if isinstance(error, TapgenError) else ""
        hint = error.hint if isinstance(error, TapgenError) else ""
        words = own or f"{type(error).__name__}: {error}".removesuffix(": ")
        broken = BrokenBuilderError(
            f"layer {layer.name} cannot be built: {words}\n  {place or layer.source}",
            hint or f"Mend the builder; `git diff HEAD -- {layer.source}` shows what has changed.",
        )
        broken.place = (place.path, place.line, 1) if place else (layer.source, 1, 1)
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
            found = _Place(f"{module.replace('.', '/')}.py", line, code)
    return found or _naming(layer, str(error))


def _naming(layer: Layer, message: str) -> _Place | None:
    """Where the layer's module names the resource that troposphere has something against."""
    title = _TITLE.search(message)
    if title is None or not Path(layer.source).is_file():
        return None
    for number, text in enumerate(Path(layer.source).read_text().splitlines(), start=1):
        if f'"{title[1]}"' in text:
            return _Place(layer.source, number, text.strip())
    return None


def committed(layer: Layer, folder: Path) -> Template | None:
    """The layer's template as it was rendered last into the folder; None where there is none.

    For commands that only look or rescue: they have to work while a builder is broken.
    """
    path = folder / f"{layer.name}.json"
    try:
        template = Template(layer.name, path.read_text(encoding="utf-8"))
        known = bool(template.resources)
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return template if known else None
