"""Beginning: the files of a new project."""

from __future__ import annotations

from pathlib import Path

from tapgen.starters.judging import refuse_wrong
from tapgen.starters.wishes import Wishes
from tapgen.starters.writing import files_of, write


def init(folder: Path, wishes: Wishes) -> tuple[Path, ...]:
    """Write the files of a new project: all of them or none, and over nothing.

    - `folder`: where it is to be; it may hold other files, and need not be there.
    - `wishes`: what kind it is, its name, its region, its accounts and its networks.

    Gives the paths of the files, relative to the folder.

    Raises `UsageError` with all that is wrong with the wishes, `TapgenError` with all files that
    are there already, or where one cannot be written.
    """
    refuse_wrong(wishes)
    wanted = files_of(wishes)
    write(folder, wanted)
    return tuple(map(Path, wanted))
