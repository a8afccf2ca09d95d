"""The project of docs/parts-of-your-own.md, written into files and used from its command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.documents import blocks
from tests.paths import ROOT

PAGE: Final = (ROOT / "docs" / "parts-of-your-own.md").read_text()
LANGUAGES: Final = ("toml", "python", "yaml")


def write_project(folder: Path) -> None:
    """Write every block into the file that its first line names."""
    for block in (one for language in LANGUAGES for one in blocks(PAGE, language)):
        name, _, text = block.removeprefix("# ").partition("\n")
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    for package in {file.parent for file in (folder / "notices").rglob("*.py")}:
        (package / "__init__.py").touch()


def tapgen(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the project as somebody else would, outside of the repository."""
    return subprocess.run(
        [sys.executable, "-m", "tapgen", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "TAPGEN_NO_CACHE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
