"""Init: the files of a new project."""

from __future__ import annotations

from pathlib import Path

from tapgen.starters.judging import refuse_wrong
from tapgen.starters.wishes import Wishes
from tapgen.starters.writing import files_of, write


def init(folder: Path, wishes: Wishes) -> tuple[Path, ...]:
    """Write the files of a new project: all or none, and never over an existing file.

    - `folder`: the folder of the project. It may contain other files, and is created if missing.
    - `wishes`: the kind of project, its name, region, accounts and networks.

    Returns the paths of the files, relative to the folder.

    Raises `UsageError` with everything that is wrong with the wishes, `TapgenError` with all files
    that exist already, or if one cannot be written.
    """
    refuse_wrong(wishes)
    wanted = files_of(wishes)
    write(folder, wanted)
    return tuple(map(Path, wanted))
