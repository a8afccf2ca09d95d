"""The choice of a view for a run: one environment or several, on a terminal or elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from tapgen.cli.views.runs.fleet import MANY, FleetLines, FleetTable
from tapgen.cli.views.runs.progress import JsonLines, LiveTable, PlainLines, View


@contextmanager
def progress(output: str, verbosity: int, layers: Mapping[str, Sequence[str]]) -> Iterator[View]:
    """JSON lines, a live table on a terminal, plain lines elsewhere.

    `layers` are the layers concerned, by environment. A single environment is not named. The table
    is removed at the end, because the summary follows; if the run is broken off, it stays.
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
