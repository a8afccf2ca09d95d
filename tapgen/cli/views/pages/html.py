"""Pages of HTML: no network, no second file, the same bytes every time.

Jinja escapes everything that a template prints, and control characters are removed. Only a folder's
own style and script are included as they are; the page's Content-Security-Policy allows no others.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tapgen.settings.faults import printable

TEMPLATES: Final = "templates"


def environment(package: str) -> Environment:
    """The Jinja environment for the pages in a package's folder of templates."""
    return Environment(
        loader=PackageLoader(package, TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printed,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def own(package: str, name: str) -> str:
    """A file of a package's folder of templates."""
    return files(package).joinpath(TEMPLATES, name).read_text(encoding="utf-8")


def trusted(text: str) -> Markup:
    """Text that is not escaped: tapgen's own files, and SVG that escapes itself."""
    return Markup(text)  # noqa: S704 - see above


def policy(style: str, script: str = "") -> str:
    """A Content-Security-Policy that allows only this style and this script."""
    return "; ".join(
        [
            "default-src 'none'",
            f"style-src {_source(style)}",
            *([f"script-src {_source(script)}"] if script else []),
            "img-src data:",  # the icon
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _printed(value: Any) -> Any:
    """The printable form of a value: one line, because names and values may hold escapes."""
    return value if isinstance(value, Markup) else printable(str(value))


def _source(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
