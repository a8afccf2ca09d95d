"""A directory of environment files -> `Environment` values; every fault of every file at once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Final

import msgspec

from tapgen.model.platform import Platform
from tapgen.settings.checks.cross_checks import check_together
from tapgen.settings.checks.references import Outputs, check_references
from tapgen.settings.checks.rules import Merged, check, checks_of
from tapgen.settings.environment import Environment
from tapgen.settings.faults import EnvironmentFaults, Fault, Source, shown
from tapgen.settings.fields import fields
from tapgen.settings.kinds import settings_of
from tapgen.settings.names import (
    COMMON,
    SUFFIX,
    files,
    has_common,
    is_environment,
    names,
    refuse_unknown,
    require_directory,
    why_misnamed,
)
from tapgen.settings.parsing.document import Document, Entries, merge, read_document
from tapgen.settings.parsing.yaml_tree import MAX_BYTES, fatal

_NAMED: Final = 3  # up to this many missing settings are named; more are counted

__all__ = ["load", "load_all", "load_draft", "load_valid", "names"]


def load(
    directory: Path, platform: Platform, name: str, outputs: Outputs | None = None
) -> Environment:
    """Load the environment `name`: `common.yaml` with `<name>.yaml` laid over it.

    Rules between environments that involve it are checked as far as the other files can be read;
    other faults of those files do not matter here. Settings may read outputs of other environments;
    `outputs` returns those of a layer, and without it any name is accepted.

    Raises UsageError if there is no such environment or no directory, EnvironmentFaults with all
    faults.
    """
    return load_all(directory, platform, [name], outputs)[0]


def load_all(
    directory: Path,
    platform: Platform,
    wanted: Sequence[str] | None = None,
    outputs: Outputs | None = None,
) -> tuple[Environment, ...]:
    """Load the `wanted` environments, or every one there is; raises like `load`."""
    faults: list[Fault] = []
    existing = names(directory, platform.stages)
    if wanted is None:
        require_directory(directory)
        faults += _misnamed(directory)
        wanted = existing
    for name in wanted:
        if name not in existing:
            refuse_unknown(directory, platform.stages, name)
    common, own = _documents(directory, platform)
    return _loaded(common, own, wanted, faults, outputs)


def load_valid(
    directory: Path, platform: Platform, wanted: Sequence[str], outputs: Outputs | None = None
) -> tuple[Environment, ...]:
    """Load the `wanted` environments that have no fault; all of them must exist."""
    common, own = _documents(directory, platform)
    valid: list[Environment] = []
    for name in wanted:
        with suppress(EnvironmentFaults):
            valid += _loaded(common, own, [name], (), outputs)
    return tuple(valid)


def load_draft(
    directory: Path, platform: Platform, name: str, content: bytes, outputs: Outputs | None = None
) -> Environment:
    """Load the environment that `content` would be as `<name>.yaml`; raises EnvironmentFaults."""
    common, own = _documents(directory, platform)
    draft = _Folder(directory, platform).parsed(content, name)
    return _loaded(common, {**own, name: draft}, [name], [], outputs)[0]


def _documents(directory: Path, platform: Platform) -> tuple[Document, dict[str, Document]]:
    """The settings that environments share, and each environment's own; every file is read once."""
    folder = _Folder(directory, platform)
    own = {name: folder.document(name) for name in names(directory, platform.stages)}
    return folder.document(COMMON), own


def _loaded(
    common: Document,
    own: Mapping[str, Document],
    wanted: Sequence[str],
    found: Sequence[Fault],
    outputs: Outputs | None,
) -> tuple[Environment, ...]:
    platform = common.platform
    declared, rules = fields(platform), checks_of(platform).rules
    merged = {
        name: Merged(merge(common.entries, document.entries), declared)
        for name, document in own.items()
    }
    faults = [*found, *common.faults]
    lacking: dict[str, list[Fault]] = {}
    for name in wanted:
        faults += own[name].faults
        if common.readable and own[name].readable:
            lacking[name] = list(_missing(own[name], merged[name]))
            faults += check(merged[name], rules)
    missing = list(chain.from_iterable(lacking.values()))
    faults += [_no_common(common, lacking)] if common.absent and len(missing) > _NAMED else missing
    faults += check_together(merged, wanted, platform)
    faults += check_references(merged, wanted, platform.layers, outputs)
    if faults:
        raise EnvironmentFaults(faults)
    return tuple(_environment(platform, merged[name].entries) for name in wanted)


class _Folder:
    """A directory of environment files, resolved once and not for each file."""

    def __init__(self, path: Path, platform: Platform) -> None:
        self._path = path
        self._platform = platform
        self._real = os.path.realpath(path)
        spelled = _spelled(path)
        self._before = "" if spelled == "." else f"{spelled.rstrip('/')}/"

    def document(self, name: str) -> Document:
        """Read one file; the reason why it cannot be read is among its faults."""
        path, spelled = self._path / f"{name}{SUFFIX}", self._spelled(name)
        if name == COMMON and not has_common(self._path):  # environments may share nothing
            return Document(spelled, self._platform, absent=True)
        try:
            return self.parsed(self._content(path, spelled), name)
        except EnvironmentFaults as unreadable:
            faults = list(unreadable.faults)
            return Document(spelled, self._platform, faults=faults, readable=False)

    def parsed(self, content: bytes, name: str) -> Document:
        """Read `content` as the file of an environment. Raises EnvironmentFaults like parsing."""
        document = read_document(content, self._spelled(name), self._platform)
        document.faults.extend(_name_faults(document, name))
        return document

    def _spelled(self, name: str) -> str:
        """The path of an environment's file as the user would write it."""
        return f"{self._before}{name}{SUFFIX}"

    def _content(self, path: Path, spelled: str) -> bytes:
        try:
            # realpath and not Path.resolve, which on some Pythons raises for circular links
            if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(self._real):
                raise fatal(
                    Source(spelled), "is a link to a file outside the directory", "copy the file"
                )
            if not path.is_file():
                raise fatal(Source(spelled), "is not a file")
            with path.open("rb") as stream:
                return stream.read(MAX_BYTES + 1)
        except OSError as error:
            raise fatal(Source(spelled), f"cannot be read: {error.strerror}") from None


def _name_faults(document: Document, name: str) -> Iterator[Fault]:
    written = document.entries.get("name")
    if name == COMMON and written:
        hint = "write it in the environment's own file"
        yield Fault(written.source, "name", "is not shared by all environments", hint)
    elif name != COMMON and not written:
        yield Fault(Source(document.path), "name", "is missing", f"write `name: {name}`")
    elif written and isinstance(written.value, str) and written.value != name:
        message = f"{shown(written.value)} is not the name of the file"
        yield Fault(written.source, "name", message, f"write {name}, or rename the file")


def _misnamed(directory: Path) -> Iterator[Fault]:
    """Yield a fault for each file that looks like an environment but would be ignored."""
    for path in files(directory):
        if not is_environment(path) and path.name != f"{COMMON}{SUFFIX}":
            yield Fault(Source(_spelled(path)), "", *why_misnamed(path))


def _no_common(common: Document, lacking: Mapping[str, Sequence[Fault]]) -> Fault:
    """One fault about the missing common file, instead of one for each setting in it."""
    settings = list(dict.fromkeys(one.setting for each in lacking.values() for one in each))
    where = f"{', '.join(name for name, each in lacking.items() if each)}"
    rest = f" and {len(settings) - _NAMED} more" if len(settings) > _NAMED else ""
    return Fault(
        Source(common.path),
        "",
        f"does not exist, and {where} has no {', '.join(settings[:_NAMED])}{rest}",
        "put the settings that environments share into it, or write them in each environment's "
        "own file",
    )


def _missing(document: Document, merged: Merged) -> Iterator[Fault]:
    for setting in _required(document.platform):
        if setting not in merged.entries:
            section = setting.rpartition(".")[0]
            where = document.sections.get(section, Source(document.path))
            yield Fault(where, setting, "is missing", merged.fields[setting].description)


@cache
def _required(platform: Platform) -> tuple[str, ...]:
    """Settings that must be in one of the two files; `name` is checked separately."""
    return tuple(
        one.setting for one in fields(platform).values() if one.required and one.setting != "name"
    )


def _environment(platform: Platform, entries: Entries) -> Environment:
    nested: dict[str, Any] = {}
    for setting, written in entries.items():
        section, _, leaf = setting.rpartition(".")
        target = nested.setdefault(section, {}) if section else nested
        target[leaf] = written.value
    settings = msgspec.convert(nested, settings_of(platform))
    return Environment(
        settings, platform, {setting: entries[setting].source for setting in entries}
    )


def _spelled(path: Path) -> str:
    """Return the path as the user would write it: relative if possible."""
    cwd = Path.cwd()
    return (path.relative_to(cwd) if path.is_relative_to(cwd) else path).as_posix()
