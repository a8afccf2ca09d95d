"""Libraries that another library imports for what tapgen never asks it for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


@contextmanager
def left_out(library: str) -> Iterator[None]:
    """Let what is imported meanwhile find nothing in the library, unless it is loaded already.

    Afterwards it can be imported as ever. Whatever needs it nevertheless fails at once, with an
    ImportError or AttributeError, and never makes something else.
    """
    if library in sys.modules:
        yield
        return
    sys.modules[library] = ModuleType(library)
    try:
        yield
    finally:
        sys.modules.pop(library, None)  # another thread may have been faster
