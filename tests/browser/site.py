"""The site of the manual, made by the Makefile's own command, and its links."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import pytest

from tests.browser import chromium
from tests.installing.commands import commands, variables
from tests.paths import ROOT

_MAKEFILE: Final = (ROOT / "Makefile").read_text()
_MAKE: Final = variables(_MAKEFILE)
_SPHINX: Final = f"{_MAKE['SPHINX']}/bin/sphinx-build"
_OF_LINKS: Final = {"a": "href", "img": "src", "link": "href", "script": "src"}


def build(folder: Path) -> Path:
    """Build the site into a folder as `make docs` does; the folder of its pages."""
    if not (ROOT / _SPHINX).exists():
        (pytest.fail if chromium.required() else pytest.skip)(f"{_SPHINX} is missing: `make docs`")
    (command,) = (one for one in commands(_MAKEFILE) if _SPHINX in one and "linkcheck" not in one)
    words = [word.replace(_MAKE["SITE"], str(folder)) for word in shlex.split(command)]
    built = subprocess.run(
        words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600, env=_unknown()
    )
    assert built.returncode == 0, built.stderr
    return folder / "html"


def _unknown() -> dict[str, str]:
    """The variables of this process, less those that name the repository's address."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}


class _Reader(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = {"", "top"}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.anchors.add(given.get("id") or "")
        if target := given.get(_OF_LINKS.get(tag, "")):
            self.links.append(target)


def dead_links(site: Path) -> Iterator[str]:
    """Links of any page that lead to no file of the site, or to no heading of its page."""
    pages = {path: _Reader(path.read_text()) for path in site.rglob("*.html")}
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            known = pages[target].anchors if target in pages else {""}
            if not target.is_file() or unquote(parts.fragment) not in known:
                yield f"{path.relative_to(site)}: {link}"
