"""Where a finding is, as those who host the repository name the file."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path


def in_repository(path: str) -> str:
    """A path relative to the working folder, from the root of its git repository on.

    Annotations and code scanning take paths from there (GitHub: "SARIF support for code scanning",
    `artifactLocation.uri`). Outside of a repository, and for a file outside of it, it is as given.
    """
    here = Path.cwd()
    root = _root(here)
    whole = Path(os.path.normpath(here / path))
    if root is None or not whole.is_relative_to(root):
        return path
    return whole.relative_to(root).as_posix()


@cache
def _root(folder: Path) -> Path | None:
    """The folder that git keeps its own in; a file stands for it in a work tree or a submodule."""
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), None)
