"""Rendering: the files of `templates_out/`, and how the folder differs from them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Final, NamedTuple

from tapgen.model.layer import METADATA_KEY
from tapgen.model.platform import Platform
from tapgen.model.stack import Stack
from tapgen.model.templates.json_text import parsed
from tapgen.model.templates.template import Template
from tapgen.render.code.function_package import Code, code_of
from tapgen.render.files import json_files, read, remove, write_atomically
from tapgen.render.memory.store import Store
from tapgen.render.memory.templates import templates
from tapgen.render.placement import stacks_of
from tapgen.settings.environment import Environment

_KEPT: Final = 8  # environments; commands that read stacks more than once have fewer


@dataclass(frozen=True)
class Rendered:
    """The templates of all layers of a platform, and the stacks of the chosen environments."""

    platform: Platform
    templates: Mapping[str, Template]
    stacks: Mapping[str, tuple[Stack, ...]]
    code: Code

    @property
    def files(self) -> dict[str, str]:
        """Relative path -> text of every file, templates first."""
        return dict(self.texts())

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield the files one by one: texts of many environments take much memory."""
        for name, template in self.templates.items():
            yield f"{name}.json", template.text
        for environment, stacks in self.stacks.items():
            for stack in stacks:
                yield f"{environment}/{stack.layer}.json", stack.to_json()


class Placed(Mapping[str, tuple[Stack, ...]]):
    """The stacks of environments by name, created on access; the last few are kept."""

    def __init__(
        self,
        platform: Platform,
        environments: Iterable[Environment],
        templates: Mapping[str, Template],
        code: Code,
    ) -> None:
        self._environments = {environment.name: environment for environment in environments}
        self._made = lru_cache(maxsize=_KEPT)(
            lambda name: stacks_of(platform, self._environments[name], templates, code)
        )

    def __getitem__(self, name: str) -> tuple[Stack, ...]:
        return self._made(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._environments)

    def __len__(self) -> int:
        return len(self._environments)


class FileChange(NamedTuple):
    """A file that is not as rendered: `before` is None if it is missing, `after` if it is stale."""

    path: str
    before: str | None
    after: str | None


def render(
    platform: Platform,
    environments: Iterable[Environment],
    *,
    code: Code | None = None,
    store: Store | None = None,
    fallback: Path | None = None,
) -> Rendered:
    """Build every layer of the platform once and place it in each environment.

    `code` is that of the platform's functions, which is read by default. Layers that are in `store`
    are not built again. `fallback` is the folder whose committed templates replace those of broken
    builders; without it, a broken builder is an error, and so is a file among the functions that
    may not be code.
    """
    code = code_of(platform, strict=fallback is None) if code is None else code
    built = templates(platform.layers, store, fallback)
    return Rendered(platform, built, Placed(platform, environments, built, code), code)


def file_changes(
    rendered: Rendered,
    out: Path,
    known: Iterable[str],
    seen: Callable[[str, str], object] = lambda _path, _text: None,
) -> tuple[FileChange, ...]:
    """Compare the folder with what was rendered.

    Stale are templates of layers that no longer exist, stack files of layers that a rendered
    environment does not have, and stack files of environments that are not in `known`. Files that
    tapgen did not write are ignored: `out` may be any folder.

    `seen` is called with the path and the text of each file. Only texts that differ are kept.
    """
    wanted = set()
    found = []
    for path, text in rendered.texts():
        before = read(f"{out}{os.sep}{path}")
        if before != text:
            found.append(FileChange(path, before, text))
        wanted.add(path)
        seen(path, text)
    return (*found, *_stale(wanted, out, rendered.stacks.keys(), frozenset(known)))


def write(changes: Iterable[FileChange], out: Path) -> None:
    """Write the changes; files that are as rendered are not touched."""
    for change in changes:
        path = out / change.path
        if change.after is None:
            remove(path)
            if path.parent != out and not any(path.parent.iterdir()):
                path.parent.rmdir()
        else:
            write_atomically(path, change.after)


def _stale(
    wanted: AbstractSet[str], out: Path, rendered: Iterable[str], known: frozenset[str]
) -> Iterable[FileChange]:
    for name in json_files(out):
        folder, _, file = name.rpartition("/")
        if name in wanted or (folder in known and folder not in rendered):
            continue
        text = read(out / name) or ""
        if _is_own(text, PurePath(file).stem, folder or None):
            yield FileChange(name, text, None)


def _is_own(text: str, layer: str, environment: str | None) -> bool:
    """True if the text is that layer's template or stack file, according to its content."""
    try:
        document = parsed(text)
        if environment is None:
            return bool(document["Metadata"][METADATA_KEY]["Layer"] == layer)
        return bool((document["Environment"], document["Layer"]) == (environment, layer))
    except (ValueError, LookupError, TypeError):
        return False
