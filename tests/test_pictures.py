"""The pictures of terminals show what the commands print today."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pictures import pages
from pictures.__main__ import FOLDER
from pictures.performance import THEMES, digest, growth, peers
from pictures.scenes import SCENES
from pictures.terminal import drawn
from tests.browser import chromium
from tests.documents import normal
from tests.paths import ROOT

SVG = "{http://www.w3.org/2000/svg}"


def told(picture: str) -> list[str]:
    """The text of a picture, line by line, without what varies."""
    description = ET.fromstring(picture).findtext(f"{SVG}desc")  # noqa: S314 - our own
    assert description
    return [re.sub(r"\b\d+:\d\d$", "<clock>", normal(line)) for line in description.splitlines()]


@pytest.mark.slow
def test_each_shows_what_is_printed_today(tmp_path: Path) -> None:
    found = {name: told(picture) for name, picture in drawn(tmp_path)}
    assert found == {
        scene.name: told((FOLDER / f"{scene.name}.svg").read_text()) for scene in SCENES
    }, "`make pictures` draws them again"


@pytest.mark.slow
def test_screenshots_can_be_taken_again(tmp_path: Path) -> None:
    if chromium.find() is None:
        (pytest.fail if chromium.required() else pytest.skip)(chromium.MISSING)
    # In a process of its own: in this one the browser of other tests may be open.
    take = "import sys; from pictures.__main__ import take; take(sys.argv[1])"
    subprocess.run([sys.executable, "-c", take, tmp_path], cwd=ROOT, check=True)
    size = struct.Struct(">II")
    for taken in tmp_path.glob("*.png"):
        for picture in (taken.read_bytes(), (FOLDER / taken.name).read_bytes()):
            assert picture.startswith(b"\x89PNG")
            assert size.unpack_from(picture, 16) == pages.SIZE
    assert len([*tmp_path.glob("*.png")]) == len([*FOLDER.glob("*.png")])


@pytest.mark.parametrize(
    ("name", "numbers"),
    [(f"growth-{theme.name}", growth) for theme in THEMES]
    + [(f"peers-{theme.name}", peers) for theme in THEMES],
)
def test_each_shows_what_was_measured_last(name: str, numbers: Callable[[], Any]) -> None:
    picture = (FOLDER / f"{name}.svg").read_text()
    assert f"sha256:{digest(numbers())}" in picture, "`make pictures` draws it again"


def test_each_is_shown_somewhere_and_loads_nothing() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    text = "".join(page.read_text() for page in pages)
    for picture in FOLDER.glob("*.png"):
        assert f"pictures/{picture.name}" in text
    for picture in FOLDER.glob("*.svg"):
        assert f"pictures/{picture.name}" in text
        assert not re.findall(r"(?:src|href|url\()=?[\"']?https?:", picture.read_text())
