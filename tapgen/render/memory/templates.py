"""The templates of layers, remembered as text.

A builder takes no arguments, so what it makes depends on nothing but code: that of the layers, of
`stacks` and of the libraries they use. What carries templates out may change in between.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Final

from tapgen.model.layer import Layer
from tapgen.model.templates.template import Template
from tapgen.render.builders import build
from tapgen.render.memory import evidence
from tapgen.render.memory.memory import Memory
from tapgen.render.memory.store import Store

# No builder can import these: the import contracts in setup.cfg forbid it.
_OTHERS: Final = tuple(
    f"{evidence.PACKAGE}{name}{os.sep}"
    for name in ("aws", "cli", "deploy", "iam", "local", "operations", "review")
)


def templates(layers: Iterable[Layer], store: Store | None) -> dict[str, Template]:
    """Layer -> template; built where no earlier run has built it by the same code.

    Raises `TapgenError` like `template.build`.
    """
    memory = Memory(store, "template", _makes_templates)
    found = {}
    complete = True
    for layer in layers:
        text = memory.recall(layer.name)
        if text is None:
            complete = False
            found[layer.name] = build(layer)
            memory.note(found[layer.name].text, layer.name)
        else:
            found[layer.name] = Template(layer.name, text)
    if not complete:
        memory.keep()
    return found


def _makes_templates(path: str) -> bool:
    return not path.startswith(_OTHERS)
