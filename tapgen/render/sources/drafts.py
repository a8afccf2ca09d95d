"""Where a layer becomes a template, from a builder module or a template file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tapgen.errors import TapgenError
from tapgen.model.layer import Layer
from tapgen.model.templates.json_text import pretty
from tapgen.model.templates.seal import sealable, sealed
from tapgen.model.templates.stack_policy import stack_policy
from tapgen.model.templates.stateful import stateful_in
from tapgen.model.templates.template import Template
from tapgen.render.packages import source_of, template_file_of
from tapgen.render.sources.draft import Draft


def draft_of(layer: Layer) -> Draft:
    """The draft from the layer's source.

    Raises `BrokenLayerError` for faults of the source, `TapgenError` if there is none.
    """
    if layer.template:
        from tapgen.render.sources.template_file import draft  # and the reader of YAML
    else:
        from tapgen.render.sources.builders import draft

    return draft(layer)


def build(layer: Layer) -> Template:
    """Build the layer's template, check that the registry has exactly its inputs, and seal it.

    Raises `TapgenError` with all contradictions between source and registry, or for a name that
    tapgen reserves, and `BrokenLayerError` for faults of the source.
    """
    draft = draft_of(layer)
    missing = sorted(draft.inputs - layer.inputs.keys())
    unused = sorted(layer.inputs.keys() - draft.inputs)
    if missing or unused:
        faults = [f"the input {name} has no source in the registry" for name in missing]
        faults += [
            f"the registry has {name}, but the builder declares no such input" for name in unused
        ]
        raise TapgenError(
            f"layer {layer.name}: {'; '.join(faults)}",
            f"Make the registry of layers and {source_of(layer)} agree.",
        )
    return template_of(layer.name, draft.document())


def template_of(layer: str, document: dict[str, Any]) -> Template:
    """The sealed template of a document. Raises `TapgenError` for a name that tapgen reserves."""
    policy = stack_policy(stateful_in(document), protected=True)
    text, seal = sealed(pretty(sealable(layer, document)), policy)
    return Template(layer, text, (document, seal))


def files_of(layer: Layer) -> list[str]:
    """Absolute paths of files that the layer's template depends on and that are not imported."""
    if not layer.template:
        return []
    path = template_file_of(layer)
    return [str(path.absolute())] if path else []


def committed(layer: Layer, folder: Path) -> Template | None:
    """The layer's last rendered template in the folder; None if there is none.

    For commands that change nothing or rescue: they must work while a source is broken.
    """
    path = folder / f"{layer.name}.json"
    try:
        template = Template(layer.name, path.read_text(encoding="utf-8"))
        known = bool(template.resources)
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return template if known else None
