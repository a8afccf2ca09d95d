"""Draws the pictures of terminals and pages again: `make pictures`."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pictures import pages, terminal
from pictures.terminal import ROOT

FOLDER: Final = ROOT / "docs" / "_static" / "pictures"


def main() -> None:
    """Draw all of them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        for name, picture in terminal.drawn(Path(folder)):
            (FOLDER / f"{name}.svg").write_text(picture, encoding="utf-8")
    take(FOLDER)


def take(to: str | Path) -> None:
    """Take the screenshots, into a folder."""
    with TemporaryDirectory() as folder:
        for name, screenshot in pages.drawn(Path(folder)):
            Path(to, f"{name}.png").write_bytes(screenshot)


if __name__ == "__main__":
    main()
