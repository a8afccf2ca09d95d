"""The path of a finding's file as the host of the repository names it."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path


def in_repository(path: str) -> str:
    """The path from the root of the git repository; `path` is relative to the working folder.

    Annotations and code scanning expect such paths (GitHub: "SARIF support for code scanning",
    `artifactLocation.uri`). A path outside a repository is returned unchanged.
    """
    here = Path.cwd()
    root = _root(here)
    whole = Path(os.path.normpath(here / path))
    if root is None or not whole.is_relative_to(root):
        return path
    return whole.relative_to(root).as_posix()


@cache
def _root(folder: Path) -> Path | None:
    """The root of the repository; `.git` is a file in a work tree or a submodule."""
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), None)
