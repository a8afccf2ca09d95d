"""Rendering: what belongs into `templates_out/`, and how the folder differs from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath
from typing import NamedTuple

from tapgen.environment.environment import Environment
from tapgen.layers.layer import METADATA_KEY, Layer
from tapgen.layers.registry import LAYERS
from tapgen.stacks.code import Code, package
from tapgen.stacks.files import json_files, parsed, read, remove, write_atomically
from tapgen.stacks.stack import Stack, stacks_of
from tapgen.stacks.template import Template, build


@dataclass(frozen=True)
class Rendered:
    """The templates of all layers and the stacks of the chosen environments."""

    templates: Mapping[str, Template]
    stacks: Mapping[str, tuple[Stack, ...]]
    code: Code

    @cached_property
    def files(self) -> dict[str, str]:
        """Relative path -> text of every file, templates first."""
        files = {f"{name}.json": template.text for name, template in self.templates.items()}
        for environment, stacks in self.stacks.items():
            files |= {f"{environment}/{stack.layer}.json": stack.to_json() for stack in stacks}
        return files


class FileChange(NamedTuple):
    """A file that is not as rendered: `before` is None where it is missing, `after` where stale."""

    path: str
    before: str | None
    after: str | None


def render(
    environments: Iterable[Environment], layers: Sequence[Layer] = LAYERS, code: Code | None = None
) -> Rendered:
    """Build every layer once and put it into each environment."""
    code = code or package()
    templates = {layer.name: build(layer) for layer in layers}
    stacks = {
        environment.name: stacks_of(environment, layers, templates, code)
        for environment in environments
    }
    return Rendered(templates, stacks, code)


def file_changes(rendered: Rendered, out: Path, known: Iterable[str]) -> tuple[FileChange, ...]:
    """Compare the folder with what was rendered.

    Stale are templates of layers that are gone, stack files of rendered environments that have no
    such layer (any more), and stack files of environments that are not in `known`. Files that
    tapgen did not write are none of its business: `out` may be any folder.
    """
    wanted = rendered.files
    found = [
        FileChange(path, before, text)
        for path, text in wanted.items()
        if (before := read(out / path)) != text
    ]
    return (*found, *_stale(wanted, out, rendered.stacks.keys(), frozenset(known)))


def write(changes: Iterable[FileChange], out: Path) -> None:
    """Bring the folder in line; files that are as rendered are not touched."""
    for change in changes:
        path = out / change.path
        if change.after is None:
            remove(path)
            if path.parent != out and not any(path.parent.iterdir()):
                path.parent.rmdir()
        else:
            write_atomically(path, change.after)


def _stale(
    wanted: Mapping[str, str], out: Path, rendered: Iterable[str], known: frozenset[str]
) -> Iterable[FileChange]:
    for name in json_files(out):
        folder, _, file = name.rpartition("/")
        if name in wanted or (folder in known and folder not in rendered):
            continue
        text = read(out / name) or ""
        if _is_own(text, PurePath(file).stem, folder or None):
            yield FileChange(name, text, None)


def _is_own(text: str, layer: str, environment: str | None) -> bool:
    """Whether the text says of itself that it is that layer's template or stack file."""
    try:
        document = parsed(text)
        if environment is None:
            return bool(document["Metadata"][METADATA_KEY]["Layer"] == layer)
        return bool((document["Environment"], document["Layer"]) == (environment, layer))
    except (ValueError, LookupError, TypeError):
        return False
