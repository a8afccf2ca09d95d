"""Writing the files of a new project: all of them, or none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tapgen.errors import TapgenError, requirement
from tapgen.render.files import write_atomically
from tapgen.starters.wishes import KINDS, Wishes

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_EVERY: Final = "every"  # the folder with the files of every kind of project
_SUFFIX: Final = ".in"
_WORD: Final = re.compile(r"@([a-z_]+)@")


def files_of(wishes: Wishes) -> dict[str, str]:
    """The files of the project, path -> text, in the order of their paths."""
    kind = KINDS[wishes.kind]
    words = {
        "project": wishes.project,
        "package": wishes.package,
        "region": wishes.region,
        "about": kind.about,
        "rows": "".join(f"| `{path}` | {what} |\n" for path, what in kind.holds.items()),
        "registry": kind.registry,
        "guards": kind.guards,
        "tapgen": requirement("local"),
        **{f"account_{stage}": account for stage, account in wishes.accounts.items()},
        **{f"cidr_{stage}": cidr for stage, cidr in wishes.networks.items()},
    }
    found: dict[str, str] = {}
    if kind.copied:
        found |= _copied(kind.copied)
    for folder in (_EVERY, wishes.kind):
        found |= _texts(files("tapgen.starters") / "files" / folder, "")
    filled = {_filled(path, words): _filled(text, words) for path, text in found.items()}
    return dict(sorted(filled.items()))


def write(folder: Path, wanted: Mapping[str, str]) -> None:
    """Write the files into the folder, which may contain other files and need not exist.

    Raises `TapgenError` with all files that already exist, or if one cannot be written. In both
    cases nothing was written.
    """
    there = dict.fromkeys(filter(None, (_in_the_way(folder / path) for path in wanted)))
    if there:
        listed = "\n".join(f"  {path}" for path in there)
        raise TapgenError(
            f"these files already exist, and tapgen overwrites nothing:\n{listed}",
            "Move them away, or use another folder: `tapgen init DIR`.",
        )
    written: list[Path] = []
    missing = [one for one in _folders(folder, wanted) if not one.exists()]
    try:
        for path, text in wanted.items():
            write_atomically(folder / path, text, new=True)
            written.append(folder / path)
    except BaseException:
        for file in written:
            file.unlink(missing_ok=True)
        for one in reversed(missing):
            with suppress(OSError):  # another program has created something there
                one.rmdir()
        raise


def _texts(
    folder: Traversable, path: str, suffix: str = _SUFFIX, only: str = _SUFFIX
) -> dict[str, str]:
    """The files below a folder whose names end with `only`, by their paths without `suffix`."""
    found: dict[str, str] = {}
    for entry in folder.iterdir():
        if entry.is_dir():
            found |= _texts(entry, f"{path}{entry.name}/", suffix, only)
        elif entry.name.endswith(only):
            found[f"{path}{entry.name.removesuffix(suffix)}"] = entry.read_text("utf-8")
    return found


def _copied(name: str) -> dict[str, str]:
    """The modules of a platform that is part of tapgen, as modules of the project's package."""
    platform = f"tapgen.{name}"
    modules = _texts(files("tapgen") / name, "@package@/", suffix="", only=".py")
    found = {path: text.replace(platform, "@package@") for path, text in modules.items()}
    where = "@package@/platform.py"
    found[where] = found[where].replace(f'name="{name}"', 'name="@project@"')
    del found["@package@/demo.py"]  # for the repository only: it needs its environments
    return found


def _filled(text: str, words: Mapping[str, str]) -> str:
    while text != (text := _WORD.sub(lambda found: words[found[1]], text)):
        pass  # inserted text may contain such words itself
    return text


def _in_the_way(file: Path) -> Path | None:
    """The file if it exists, or a file in the place of one of its folders."""
    for above in reversed(file.parents):
        if (above.exists() or above.is_symlink()) and not above.is_dir():
            return above
    return file if file.exists() or file.is_symlink() else None


def _folders(folder: Path, wanted: Mapping[str, str]) -> list[Path]:
    """The folders of the files and their parents, each before its content."""
    found = {parent for path in wanted for parent in (folder / path).parents}
    return sorted(found, key=lambda one: len(one.parts))
