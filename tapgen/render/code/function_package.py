"""The code of a platform's functions: one folder, one zip, the same bytes on every machine.

The key is a hash of the contents, so equal code has an equal name in every environment and a
function is updated exactly when its code changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Final

from tapgen.errors import TapgenError
from tapgen.model.platform import FUNCTION_FILES, Platform
from tapgen.render.packages import folders

# What Python, editors, desktops and tools that merge leave behind beside the code.
_LEFTOVER: Final = re.compile(
    r"__pycache__|\..*|.*~|#.*#|.*\.(pyc|pyo|swp|swo|bak|tmp|orig|rej)|Thumbs\.db|desktop\.ini"
)


@dataclass(frozen=True)
class Code:
    """The files of the package: (name inside the zip, bytes), sorted by name."""

    files: tuple[tuple[str, bytes], ...]

    @cached_property
    def sha256(self) -> str:
        """Hash of names and contents, each preceded by its length so that none can run together."""
        digest = sha256()
        for name, content in self.files:
            digest.update(f"{len(name)}:{name}{len(content)}:".encode())
            digest.update(content)
        return digest.hexdigest()

    @property
    def key(self) -> str:
        """Object key in the artifacts bucket."""
        return f"functions/{self.sha256}.zip"

    @staticmethod
    def sha256_of(key: str) -> str:
        """The hash that an object key has; empty where it is none."""
        found = re.fullmatch(r"functions/([0-9a-f]{64})\.zip", key)
        return found[1] if found else ""

    @classmethod
    def unzipped(cls, archive: bytes) -> Code:
        """The code of an archive that `zip` has made. Raises `ValueError` where it is none."""
        from tapgen.render.code.archive import unpacked

        return cls(tuple(sorted(unpacked(archive).items())))

    def zip(self) -> bytes:
        """The archive."""
        from tapgen.render.code.archive import packed

        return packed(self.files)


def code_of(platform: Platform, *, strict: bool = True) -> Code:
    """The code of the platform's functions, no files where it has none.

    Raises `TapgenError` where there is no such package, or a file in it that may be no code. Not
    `strict`, for commands that only look, such a file is passed by.
    """
    if not platform.functions:
        return Code(())
    return package(_folder(platform), platform.function_files, strict=strict)


def package(source: Path, wanted: tuple[str, ...] = FUNCTION_FILES, *, strict: bool = True) -> Code:
    """Read the files of the functions, under the folder's own name.

    Those whose names end in one of `wanted` are taken. What tools leave behind is no
    code: `__pycache__`, hidden files, copies of editors. Whatever else is there is not taken, which
    would make another package of it, nor passed by, as the functions may need it: where `strict`,
    raises `TapgenError` that names it.
    """
    names = [
        name
        for path in source.rglob("*")
        if path.is_file()
        and not any(map(_LEFTOVER.fullmatch, (name := path.relative_to(source)).parts))
    ]
    code = [name for name in names if name.name.endswith(wanted) and _is_text(str(name))]
    if strict and len(code) < len(names):
        odd = sorted(str(name) for name in {*names} - {*code})
        listed = ", ".join(odd).encode(errors="backslashreplace").decode()
        kinds = ", ".join(f"*{end}" for end in wanted)
        folder = source.relative_to(Path.cwd()) if source.is_relative_to(Path.cwd()) else source
        raise TapgenError(
            f"in the functions' folder {folder} is what may be no code: {listed}",
            f"Remove it. What belongs to the code is called like {kinds}; another "
            "kind is named in the platform's function_files.",
        )
    files = ((f"{source.name}/{one.as_posix()}", (source / one).read_bytes()) for one in code)
    return Code(tuple(sorted(files)))


def _folder(platform: Platform) -> Path:
    found = folders(platform.functions)
    if not found:
        raise TapgenError(
            f"functions of the platform {platform.name}: there is no package "
            f"{platform.functions!r}",
            'Name the package whose files are their code: "package.functions".',
        )
    return Path(found[0])


def _is_text(name: str) -> bool:
    """Whether the name is Unicode, as all names in the archive have to be."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
