"""The names of environments, from file names alone: shell completion asks at every key.

Imports neither yaml nor msgspec.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

from tapgen.errors import UsageError
from tapgen.model.limits import ENVIRONMENT_NAME
from tapgen.settings.faults import guess, printable, shown

SUFFIX: Final = ".yaml"
NAME_WORDS: Final = "a name of at most 12 lower-case letters, digits or hyphens"
COMMON: Final = "common"  # shared by all environments, not one itself
# Names that an environment may not have, and why.
RESERVED: Final = {
    COMMON: "this file holds what all environments share",
    "deployed": "`tapgen diff --against deployed` has another meaning",
}


def names(directory: Path, stages: Sequence[str]) -> list[str]:
    """Return the environments of `directory`: the platform's `stages` in their order, then others.

    The others are sorted by name. An unreadable or missing directory has no environments.
    """

    def rank(name: str) -> tuple[int, str]:
        return (stages.index(name) if name in stages else len(stages), name)

    stems = (name.removesuffix(SUFFIX) for name in _listed(directory) if name.endswith(SUFFIX))
    return sorted(filter(is_name, stems), key=rank)


def files(directory: Path) -> list[Path]:
    """Return every YAML file of `directory` (hidden ones aside), whatever its name."""
    return [directory / name for name in _listed(directory)]


def has_common(directory: Path) -> bool:
    """Whether `directory` holds a file that all environments share."""
    return f"{COMMON}{SUFFIX}" in _listed(directory)


def is_environment(path: Path) -> bool:
    """Whether the file's name is that of an environment's file."""
    return path.suffix == SUFFIX and is_name(path.stem)


def is_name(text: str) -> bool:
    """Whether an environment may have this name; a path outside a directory is never a name."""
    return text not in RESERVED and re.fullmatch(ENVIRONMENT_NAME, text) is not None


def why_misnamed(path: Path) -> tuple[str, str]:
    """Why a file's name is not that of an environment, and what to do about it."""
    stem = path.stem
    if path.suffix == SUFFIX and stem in RESERVED:
        return f"no environment may be called {stem}", f"{RESERVED[stem]}; choose another name"
    right = f"{stem.lower().replace('_', '-')}{SUFFIX}"
    if (path.parent / right).exists() and path.name != right:
        return f"is not read, but {right} is", f"remove it, or move its content into {right}"
    if is_name(Path(right).stem) or right == f"{COMMON}{SUFFIX}":
        return "is not read, because of its name", f"rename it to {right}"
    hint = f"call it <name>{SUFFIX}, {NAME_WORDS}"
    return "is not named like an environment", hint


def refuse_unknown(directory: Path, stages: Sequence[str], name: str) -> NoReturn:
    """Raise the UsageError for `name`, which `directory` does not have, naming what exists."""
    existing = names(directory, stages)
    require_directory(directory)
    listing = f"there are {', '.join(existing)}" if existing else "there are none yet"
    close = guess(name, existing)
    listing = f"did you mean {close}? {listing}" if close else listing
    if name in RESERVED:
        why = RESERVED[name]
        raise UsageError(f"no environment may be called {name}: {why}", listing)
    stem = Path(name).stem
    if Path(name).suffix in {SUFFIX, ".yml"} and stem in existing:
        raise UsageError(f"{shown(name)} is a file, the environment is {stem}", f"write {stem}")
    if not is_name(name):
        raise UsageError(f"{shown(name)} is not the name of an environment", listing)
    if other := [one for one in _listed(directory) if Path(one).stem.lower() == name]:
        where = printable(str(directory / other[0]))
        hint = why_misnamed(directory / other[0])[1]
        raise UsageError(f"there is no environment {shown(name)}: {where} is not read", hint)
    where = printable(str(directory))
    raise UsageError(f"there is no environment {shown(name)} in {where}", listing)


def require_directory(directory: Path) -> None:
    """Raise UsageError unless `directory` holds YAML files at all."""
    if not _listed(directory):
        missing = "are no YAML files in" if directory.is_dir() else "is no directory"
        raise UsageError(
            f"there {missing} {printable(str(directory))}",
            "run tapgen in the folder that contains `envs`, or name that with --envs-dir",
        )


def _listed(directory: Path) -> list[str]:
    """The names of the YAML files; names alone, as there may be hundreds."""
    try:
        found = os.listdir(directory)  # noqa: PTH208 - see above
    except OSError:
        return []
    return sorted(
        name for name in found if name.endswith((SUFFIX, ".yml")) and not name.startswith(".")
    )
