"""`tapgen render` with a filled cache, compared with `tapgen --help`."""

from __future__ import annotations

from functools import partial

from benchmarks.remembered import measured

measure = partial(measured, "render")
