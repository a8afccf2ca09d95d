"""Draws the pictures of terminals anew: `make pictures`."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pictures.terminal import ROOT, drawn

FOLDER: Final = ROOT / "docs" / "_static" / "pictures"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        for name, picture in drawn(Path(folder)):
            (FOLDER / f"{name}.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
