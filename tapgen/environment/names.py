"""Which environments there are, told from file names alone: shell completion asks at every key.

Imports neither yaml nor msgspec.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from tapgen.environment.faults import guess, shown
from tapgen.errors import UsageError
from tapgen.layers.limits import ENVIRONMENT_NAME

SUFFIX: Final = ".yaml"
COMMON: Final = "common"  # shared by all environments, itself none

# The order in which a change is promoted. Sizing must not shrink along it (platform.md), and it is
# the order of every listing; environments of other names stand apart and come last.
STAGES: Final = ("dev", "staging", "prod")


def names(directory: Path) -> list[str]:
    """Return the environments of `directory`: stages in their order, then the others by name.

    An unreadable or missing directory has none.
    """
    try:
        stems = [path.stem for path in directory.iterdir() if path.suffix == SUFFIX]
    except OSError:
        return []
    return sorted(filter(is_name, stems), key=_rank)


def is_name(text: str) -> bool:
    """Whether an environment may be called so; nothing that leads out of a directory may."""
    return text != COMMON and re.fullmatch(ENVIRONMENT_NAME, text) is not None


def require(directory: Path, name: str) -> None:
    """Raise UsageError, naming what exists, unless `directory` has the environment `name`."""
    existing = names(directory)
    if name in existing:
        return
    if not directory.is_dir():
        raise UsageError(
            f"there is no directory {shown(str(directory))}",
            "run tapgen where the `envs` folder is, or name it with --envs-dir",
        )
    listing = f"there are {', '.join(existing)}" if existing else "there are none yet"
    close = guess(name, existing)
    listing = f"did you mean {close}? {listing}" if close else listing
    if not is_name(name):
        raise UsageError(f"{shown(name)} is not the name of an environment", listing)
    raise UsageError(f"there is no environment {shown(name)} in {directory.as_posix()}", listing)


def _rank(name: str) -> tuple[int, str]:
    return (STAGES.index(name) if name in STAGES else len(STAGES), name)
