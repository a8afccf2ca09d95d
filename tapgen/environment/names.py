"""Which environments there are, told from file names alone: shell completion asks at every key.

Imports neither yaml nor msgspec.
"""

from __future__ import annotations

import re
from operator import attrgetter
from pathlib import Path
from typing import Final, NoReturn

from tapgen.environment.faults import guess, printable, shown
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
    return sorted((path.stem for path in files(directory) if is_environment(path)), key=_rank)


def files(directory: Path) -> list[Path]:
    """Return every YAML file of `directory` (hidden ones aside), whatever its name."""
    try:
        paths = sorted(directory.iterdir(), key=attrgetter("name"))
    except OSError:
        return []
    return [
        path for path in paths if path.suffix in (SUFFIX, ".yml") and not path.name.startswith(".")
    ]


def is_environment(path: Path) -> bool:
    """Whether the file's name is that of an environment's file."""
    return path.suffix == SUFFIX and is_name(path.stem)


def is_name(text: str) -> bool:
    """Whether an environment may be called so; nothing that leads out of a directory may."""
    return text != COMMON and re.fullmatch(ENVIRONMENT_NAME, text) is not None


def refuse_unknown(directory: Path, name: str) -> NoReturn:
    """Raise the UsageError for `name`, which `directory` does not have, naming what exists."""
    existing = names(directory)
    require_directory(directory)
    listing = f"there are {', '.join(existing)}" if existing else "there are none yet"
    close = guess(name, existing)
    listing = f"did you mean {close}? {listing}" if close else listing
    if not is_name(name):
        raise UsageError(f"{shown(name)} is not the name of an environment", listing)
    where = printable(str(directory))
    raise UsageError(f"there is no environment {shown(name)} in {where}", listing)


def require_directory(directory: Path) -> None:
    """Raise UsageError unless `directory` holds YAML files at all."""
    if not files(directory):
        missing = "are no YAML files in" if directory.is_dir() else "is no directory"
        raise UsageError(
            f"there {missing} {printable(str(directory))}",
            "run tapgen where the `envs` folder is, or name it with --envs-dir",
        )


def _rank(name: str) -> tuple[int, str]:
    return (STAGES.index(name) if name in STAGES else len(STAGES), name)
