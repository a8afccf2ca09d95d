"""The error for a layer whose template cannot be made."""

from __future__ import annotations

from tapgen.errors import TapgenError


class BrokenLayerError(TapgenError):
    """The source of a layer is wrong; the message says what, and in which line."""
