"""The code of a platform's functions: one folder, one zip, the same bytes on every machine.

The key is a hash of the contents, so the same code has the same name in every environment, and a
function is updated exactly if its code has changed.
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

# Files that Python, editors, desktops and merge tools leave next to the code.
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
        """The hash in an object key; empty if it is not a key of code."""
        found = re.fullmatch(r"functions/([0-9a-f]{64})\.zip", key)
        return found[1] if found else ""

    @classmethod
    def unzipped(cls, archive: bytes) -> Code:
        """The code in an archive of `zip`. Raises `ValueError` if it is not such an archive."""
        from tapgen.render.code.archive import unpacked

        return cls(tuple(sorted(unpacked(archive).items())))

    def zip(self) -> bytes:
        """The archive."""
        from tapgen.render.code.archive import packed

        return packed(self.files)


def code_of(platform: Platform, *, strict: bool = True) -> Code:
    """The code of the platform's functions; no files if it has none.

    Raises `TapgenError` if the package does not exist, or has a file that may not be code. If not
    `strict`, for commands that change nothing, such a file is ignored.
    """
    if not platform.functions:
        return Code(())
    return package(_folder(platform), platform.function_files, strict=strict)


def package(source: Path, wanted: tuple[str, ...] = FUNCTION_FILES, *, strict: bool = True) -> Code:
    """Read the files of the functions, under the folder's own name.

    Files whose names end in one of `wanted` are included. Leftovers of tools are ignored:
    `__pycache__`, hidden files, copies of editors. Any other file is neither included, which would
    change the package, nor ignored, because the functions may need it: if `strict`, raises
    `TapgenError` with its name.
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
            f"the functions' folder {folder} has files that may not be code: {listed}",
            f"Remove them. Code is {kinds}; if the functions need other files, add their endings "
            "to the platform's function_files.",
        )
    files = ((f"{source.name}/{one.as_posix()}", (source / one).read_bytes()) for one in code)
    return Code(tuple(sorted(files)))


def _folder(platform: Platform) -> Path:
    found = folders(platform.functions)
    if not found:
        raise TapgenError(
            f"functions of the platform {platform.name}: the package {platform.functions!r} does "
            "not exist",
            'Name the package with their code, such as "shop.functions".',
        )
    return Path(found[0])


def _is_text(name: str) -> bool:
    """True if the name is valid Unicode, as all names in the archive must be."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
