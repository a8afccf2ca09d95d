"""The bytes of the environment files, on which answers depend."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from tapgen.render.memory.memory import key
from tapgen.settings.names import files


def settings(directory: Path) -> str | None:
    """Hash of all environment files: name, target of links, content.

    The folders count too, because paths in messages are relative to the current one. None if a file
    cannot be read, which the loader explains.
    """
    parts = [str(Path.cwd()), str(directory), os.path.realpath(directory)]
    try:
        for path in files(directory):
            if not path.is_file():
                return None
            parts += [path.name, os.path.realpath(path), sha256(path.read_bytes()).hexdigest()]
    except OSError:
        return None
    return key(*parts)
