"""Zip archives: the same bytes for the same files, on every machine."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from typing import Final

_EARLIEST_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)
_REGULAR_FILE_0644: Final = 0o100644 << 16
_UNIX: Final = 3


def packed(files: Iterable[tuple[str, bytes]]) -> bytes:
    """An archive of named files, in the given order.

    Stored, not deflated: the output of compressors differs between versions of zlib.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, _EARLIEST_ZIP_TIME)
            entry.external_attr = _REGULAR_FILE_0644
            entry.create_system = _UNIX
            archive.writestr(entry, content)
    return buffer.getvalue()


def unpacked(archive: bytes) -> dict[str, bytes]:
    """The files of an archive by name. Raises `ValueError` if it is none or has a file twice."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            names = opened.namelist()
            files = {name: opened.read(name) for name in names}
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise ValueError(f"it is not an archive: {error}") from error
    if len(files) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice} appears in it twice")
    return files
