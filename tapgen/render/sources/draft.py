"""What the source of a layer says, whichever kind it is, and the error where it is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tapgen.errors import TapgenError


class BrokenLayerError(TapgenError):
    """The source of a layer is wrong; the message says what, and in which line."""


@dataclass(frozen=True)
class Draft:
    """A template before it is written down.

    `inputs` are the parameters that outputs of other layers have to fill, `outputs` are its own in
    the order of declaration. `document` makes the template as JSON values, with tapgen's notes in
    its `Metadata`.
    """

    inputs: frozenset[str]
    outputs: tuple[str, ...]
    document: Callable[[], dict[str, Any]]
