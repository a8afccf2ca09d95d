"""The report as one HTML page, see `views.pages.html`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tapgen import __version__
from tapgen.cli.views.diff import words
from tapgen.cli.views.graphs import graph_svg
from tapgen.cli.views.pages.html import environment, own, policy, trusted
from tapgen.cli.views.report import parts
from tapgen.cli.views.text import spread
from tapgen.review.diff.reading.together import changed_alike, together
from tapgen.review.report import NotCompared, Report

if TYPE_CHECKING:
    from jinja2 import Environment


def html(report: Report) -> str:
    """The whole page."""
    style = graph_svg.STYLE + own(__package__, "page.css")
    script = own(__package__, "page.js")
    page = _jinja().get_template("page.html")
    return page.render(
        report=report,
        compared=not isinstance(report.impact, NotCompared),
        impacted=parts.impacted(report),
        found=None if isinstance(report.impact, NotCompared) else together(report.impact),
        known={row.layer.name for row in report.matrix},
        graph=trusted(graph_svg.svg([row.layer for row in report.matrix], styled=False)),
        style=trusted(style),
        script=trusted(script),
        policy=policy(style, script),
        version=__version__,
    )


@cache
def _jinja() -> Environment:
    jinja = environment(__package__)
    jinja.globals |= {
        "alike": changed_alike,
        "parts": parts,
        "spread": spread,
        "words": words,
        "isinstance": isinstance,
        "str": str,
    }
    return jinja
