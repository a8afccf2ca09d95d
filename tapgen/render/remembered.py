"""Results of `tapgen render`, remembered by the hashes of the files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tapgen.model.platform import Platform
from tapgen.render.code.function_package import Code
from tapgen.render.files import json_files
from tapgen.render.memory.answer import Answer
from tapgen.render.memory.store import Store

if TYPE_CHECKING:
    from tapgen.render.rendering import Rendered


class Counts(NamedTuple):
    """The numbers of templates, environments and files that were rendered."""

    templates: int
    environments: int
    files: int


class Rendering:
    """One rendering of the environments `names` (all if empty)."""

    def __init__(
        self,
        store: Store | None,
        platform: Platform,
        directory: Path,
        names: Sequence[str],
        code: Code,
    ) -> None:
        self._answer = Answer(store, "render", directory, repr(platform), code.sha256, *names)
        self._digests: dict[str, str] = {}

    def unchanged(self, out: Path, known: Iterable[str]) -> Counts | None:
        """The counts if `out` already has exactly these files; None if they must be rendered.

        Environments in `known` that are not rendered may have files there. Any other JSON file
        could be a stale one of tapgen's, which only a rendering can tell.
        """
        answer = self._answer.recall()
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
        is_kept = self._answer.is_kept
        self._digests[path] = sha256(text.encode()).hexdigest() if is_kept else ""

    def keep(self, rendered: Rendered) -> Counts:
        """Remember and return the counts of what was rendered and noted."""
        answer = {
            "templates": len(rendered.templates),
            "environments": list(rendered.stacks),
            "files": self._digests,
        }
        self._answer.keep(answer)
        return Counts(len(rendered.templates), len(rendered.stacks), len(self._digests))


def _is(path: Path, digest: str) -> bool:
    try:
        return sha256(path.read_bytes()).hexdigest() == digest
    except OSError:
        return False
