"""The bytes of the environment files, which every answer depends on."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from tapgen.render.memory.memory import key
from tapgen.settings.names import files


def settings(directory: Path) -> str | None:
    """Hash of every environment file: name, where it leads to, content.

    The folders count as well: messages name the files as seen from the current one. None where
    there is something that cannot be read; that is for the loader to explain.
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
