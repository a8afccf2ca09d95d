"""The report as one HTML page: no network, no second file, the same bytes every time.

Whatever a template prints is escaped by Jinja and freed of control characters by `_printed`; only
this folder's own style and script, and the picture of the graph, go in as they are. The page's
Content-Security-Policy lets nothing else run.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tapgen import __version__
from tapgen.cli.views.diff import words
from tapgen.cli.views.graphs import graph_svg
from tapgen.cli.views.report import parts
from tapgen.cli.views.text import spread
from tapgen.review.diff.reading.together import changed_alike, together
from tapgen.review.report import NotCompared, Report
from tapgen.settings.faults import printable

_TEMPLATES: Final = "templates"


def html(report: Report) -> str:
    """The whole page."""
    style = graph_svg.STYLE + _own("page.css")
    script = _own("page.js")
    page = _jinja().get_template("page.html")
    return page.render(
        report=report,
        compared=not isinstance(report.impact, NotCompared),
        impacted=parts.impacted(report),
        found=None if isinstance(report.impact, NotCompared) else together(report.impact),
        known={row.layer.name for row in report.matrix},
        graph=_trusted(graph_svg.svg([row.layer for row in report.matrix], styled=False)),
        style=_trusted(style),
        script=_trusted(script),
        policy=_policy(style, script),
        version=__version__,
    )


@cache
def _jinja() -> Environment:
    jinja = Environment(
        loader=PackageLoader(__package__, _TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printed,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    jinja.globals |= {
        "alike": changed_alike,
        "parts": parts,
        "spread": spread,
        "words": words,
        "isinstance": isinstance,
        "str": str,
    }
    return jinja


def _printed(value: Any) -> Any:
    """What is printed: text on one line; a file's name or value may hold terminal escapes."""
    return value if isinstance(value, Markup) else printable(str(value))


def _own(name: str) -> str:
    return files(__package__).joinpath(_TEMPLATES, name).read_text(encoding="utf-8")


def _trusted(text: str) -> Markup:
    return Markup(text)  # noqa: S704 - this folder's own files, and SVG that escapes itself


def _policy(style: str, script: str) -> str:
    """Nothing is loaded and nothing runs but these two."""
    return "; ".join(
        [
            "default-src 'none'",
            f"style-src {_source(style)}",
            f"script-src {_source(script)}",
            "img-src data:",  # the icon
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _source(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
