"""The code of a platform's functions: one folder, one zip, the same bytes on every machine.

The key is a hash of the contents, so equal code has an equal name in every environment and a
function is updated exactly when its code changed.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from tapgen.errors import TapgenError
from tapgen.model.platform import Platform
from tapgen.render.packages import folders

_EARLIEST_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_REGULAR_FILE_0644 = 0o100644 << 16
_UNIX = 3


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

    def zip(self) -> bytes:
        """The archive. Stored, not deflated: compressors differ between versions of zlib."""
        import zipfile

        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
            for name, content in self.files:
                entry = zipfile.ZipInfo(name, _EARLIEST_ZIP_TIME)
                entry.external_attr = _REGULAR_FILE_0644
                entry.create_system = _UNIX
                archive.writestr(entry, content)
        return buffer.getvalue()


def code_of(platform: Platform) -> Code:
    """The code of the platform's functions, no files where it has none.

    Raises `TapgenError` where there is no such package.
    """
    return package(_folder(platform)) if platform.functions else Code(())


def package(source: Path) -> Code:
    """Read every Python file and data file of the functions, under the folder's own name.

    What tools leave behind is no code: `__pycache__`, and hidden files of editors and desktops.
    """
    files = (
        (f"{source.name}/{path.relative_to(source).as_posix()}", path.read_bytes())
        for path in source.rglob("*")
        if path.is_file() and not any(map(_is_leftover, path.relative_to(source).parts))
    )
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


def _is_leftover(name: str) -> bool:
    return name == "__pycache__" or name.startswith(".")
