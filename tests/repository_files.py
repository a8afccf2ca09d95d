"""The files of the repository, as git lists them."""

from __future__ import annotations

import subprocess
from functools import cache

import pytest

from tests.paths import ROOT

needs_git = pytest.mark.skipif(
    not (ROOT / ".git").exists(), reason="an unpacked source distribution has no list of its files"
)


@cache
def tracked() -> tuple[str, ...]:
    """Names of all files that are committed, or will be with the next commit."""
    ran = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return tuple(name for name in ran.stdout.split("\0") if name and (ROOT / name).exists())
