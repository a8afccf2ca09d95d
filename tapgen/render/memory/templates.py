"""The templates of layers, remembered as text.

A builder has no arguments, so its template depends only on code: on the platform, on the rooms of
tapgen that a builder may import, and on libraries. Changes of other rooms do not matter. A template
file counts like code.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tapgen.model.layer import Layer
from tapgen.model.templates.template import Template
from tapgen.render.memory import evidence
from tapgen.render.memory.memory import Memory
from tapgen.render.memory.store import Store
from tapgen.render.sources.draft import BrokenLayerError
from tapgen.render.sources.drafts import build, committed, files_of

# Rooms that builders do not import: the import contracts in setup.cfg forbid it.
NOT_FOR_BUILDERS: Final = ("aws", "cli", "deploy", "iam", "local", "operations", "review")


def templates(
    layers: Iterable[Layer], store: Store | None, fallback: Path | None = None
) -> dict[str, Template]:
    """Layer -> template, which is built unless an earlier run with the same code has built it.

    For a broken source, the committed template in the folder `fallback` is used, with a warning.
    Raises the errors of `build`.
    """
    others = evidence.rooms(*NOT_FOR_BUILDERS)
    memory = Memory(store, "template", lambda path: not path.startswith(others))
    found = {}
    complete = True
    for layer in layers:
        evidence.rely_on(files_of(layer))
        question = repr(layer)  # a layer of another platform may have the same name
        text = memory.recall(question)
        if text is None:
            complete = False
            try:
                found[layer.name] = build(layer)
            except BrokenLayerError as error:
                if fallback is None:
                    raise
                found[layer.name] = _committed(layer, fallback, error)
            else:
                memory.note(found[layer.name].text, question)
        else:
            found[layer.name] = Template(layer.name, text)
    if not complete:
        memory.keep()
    return found


def _committed(layer: Layer, folder: Path, error: BrokenLayerError) -> Template:
    template = committed(layer, folder)
    if template is None:
        raise error
    import logging  # a tenth of such a command's imports, and rarely needed

    logging.getLogger("tapgen.render").warning(
        "%s\n%s/%s.json is used instead", error.message, folder, layer.name
    )
    return template
