"""The view of a run that fits: of one environment or several, on a terminal or elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from tapgen.cli.views.runs.fleet import MANY, FleetLines, FleetTable
from tapgen.cli.views.runs.progress import JsonLines, LiveTable, PlainLines, View


@contextmanager
def progress(output: str, verbosity: int, layers: Mapping[str, Sequence[str]]) -> Iterator[View]:
    """JSON lines, a live table on a terminal, plain lines elsewhere.

    `layers` are those that something is done about, by environment. Where there is one, nothing
    names it. The table is gone at the end, as what comes then tells it all; where the run is broken
    off, nothing else does, and it stays.
    """
    many = len(layers) > 1
    if output == "json":
        yield JsonLines(layers)
    elif sys.stderr.isatty() and verbosity == 0:
        from rich.console import Console
        from rich.live import Live

        view = FleetTable(layers) if many else LiveTable(*layers.values())
        console = Console(stderr=True)
        view.live = Live(
            get_renderable=view.table, console=console, refresh_per_second=8, transient=True
        )
        with view.live:
            try:
                yield view
            except BaseException:
                view.live.transient = False
                raise
    elif len(layers) > MANY and verbosity == 0:
        yield FleetLines(layers)
    else:
        yield PlainLines(verbosity, many=many)
