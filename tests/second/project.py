"""The second platform as the code of a project of its own, outside of this repository."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).parent
KINDS: Final = ("*.py", "layers/*.py", "layers/templates/*.yaml")


def write_project(folder: Path) -> None:
    """Write its package, its environments and its configuration into `folder`."""
    package = folder / "src" / "jobs_platform"
    for path in (path for kind in KINDS for path in SOURCE.glob(kind)):
        copy = package / path.relative_to(SOURCE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text().replace("tests.second", "jobs_platform"))
    shutil.copytree(SOURCE / "envs", folder / "envs")
    (folder / "pyproject.toml").write_text(
        '[tool.tapgen]\nplatform = "jobs_platform.platform:PLATFORM"\npythonpath = ["src"]\n'
    )
