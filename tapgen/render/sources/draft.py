"""The draft of a template, from any kind of source, and the error if the source is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tapgen.errors import TapgenError


class BrokenLayerError(TapgenError):
    """The source of a layer is wrong; the message has the fault and its line."""


@dataclass(frozen=True)
class Draft:
    """A template before it becomes text.

    `inputs` are the parameters that outputs of other layers must fill, `outputs` its own outputs in
    the order of declaration. `document` returns the template as JSON values, with tapgen's notes in
    its `Metadata`.
    """

    inputs: frozenset[str]
    outputs: tuple[str, ...]
    document: Callable[[], dict[str, Any]]
