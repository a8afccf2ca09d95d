"""What `tapgen render` would write, remembered by its hashes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tapgen.model.platform import Platform
from tapgen.render.code.function_package import Code
from tapgen.render.files import json_files
from tapgen.render.memory.inputs import settings
from tapgen.render.memory.memory import Memory
from tapgen.render.memory.store import Store

if TYPE_CHECKING:
    from tapgen.render.rendering import Rendered


class Counts(NamedTuple):
    """How much was rendered."""

    templates: int
    environments: int
    files: int


class Rendering:
    """One rendering of the environments `names` (all when there is none)."""

    def __init__(
        self,
        store: Store | None,
        platform: Platform,
        directory: Path,
        names: Sequence[str],
        code: Code,
    ) -> None:
        self._memory = Memory(store, "render")
        self._directory = directory
        self._names = (repr(platform), code.sha256, *names)
        self._settings = settings(directory) if store else None
        self._digests: dict[str, str] = {}

    def unchanged(self, out: Path, known: Iterable[str]) -> Counts | None:
        """How much it is, where `out` holds exactly that already; None where it has to be done.

        Environments in `known` that are not rendered may have files there. Any other JSON file
        might be one of tapgen's that is stale, which only a rendering can tell.
        """
        if self._settings is None:
            return None
        answer = self._memory.recall(self._settings, *self._names)
        if answer is None:
            return None
        files: dict[str, str] = answer["files"]
        others = set(known) - set(answer["environments"])
        for name in json_files(out):
            if name not in files and name.rpartition("/")[0] not in others:
                return None
        if not all(_is(out / path, digest) for path, digest in files.items()):
            return None
        return Counts(answer["templates"], len(answer["environments"]), len(files))

    def note(self, path: str, text: str) -> None:
        """Note a file of this rendering."""
        wanted = self._settings is not None
        self._digests[path] = sha256(text.encode()).hexdigest() if wanted else ""

    def keep(self, rendered: Rendered) -> Counts:
        """Remember what was rendered and noted, unless the settings were edited meanwhile."""
        if self._settings is not None and settings(self._directory) == self._settings:
            answer = {
                "templates": len(rendered.templates),
                "environments": list(rendered.stacks),
                "files": self._digests,
            }
            self._memory.note(answer, self._settings, *self._names)
            self._memory.keep()
        return Counts(len(rendered.templates), len(rendered.stacks), len(self._digests))


def _is(path: Path, digest: str) -> bool:
    try:
        return sha256(path.read_bytes()).hexdigest() == digest
    except OSError:
        return False
