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

_NAMED: Final = 3  # so many settings that are missing are named; more are counted

__all__ = ["load", "load_all", "load_draft", "load_valid", "names"]


def load(
    directory: Path, platform: Platform, name: str, outputs: Outputs | None = None
) -> Environment:
    """Load the environment `name`: `common.yaml` with `<name>.yaml` laid over it.

    Checked with it are the rules between environments that involve it, as far as the other files
    can be read; what else is wrong with those does not matter here. Settings may read outputs of
    other environments; `outputs` tells those of a layer, without it any name passes.

    Raises UsageError where there is no such environment or no directory, EnvironmentFaults for all
    that is wrong.
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
    """Load those of the `wanted` environments, which have to exist, that have no fault."""
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
    """What environments share, and each environment's own; every file is read once."""
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
    """A directory of environment files. Where it leads to is found once, not for each file."""

    def __init__(self, path: Path, platform: Platform) -> None:
        self._path = path
        self._platform = platform
        self._real = os.path.realpath(path)
        spelled = _spelled(path)
        self._before = "" if spelled == "." else f"{spelled.rstrip('/')}/"

    def document(self, name: str) -> Document:
        """Read one file; what keeps it from being read at all is among the faults given back."""
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
            # realpath and not Path.resolve, which on some Pythons raises where links go in circles
            if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(self._real):
                raise fatal(
                    Source(spelled), "is a link that leads out of the directory", "copy the file"
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
        message = f"{shown(written.value)} is not what the file is called"
        yield Fault(written.source, "name", message, f"write {name}, or rename it")


def _misnamed(directory: Path) -> Iterator[Fault]:
    """Yield a fault for each file that looks like an environment but would be ignored."""
    for path in files(directory):
        if not is_environment(path) and path.name != f"{COMMON}{SUFFIX}":
            yield Fault(Source(_spelled(path)), "", *why_misnamed(path))


def _no_common(common: Document, lacking: Mapping[str, Sequence[Fault]]) -> Fault:
    """The one fault of a file that is not there, in the place of one for each setting in it."""
    settings = list(dict.fromkeys(one.setting for each in lacking.values() for one in each))
    where = f"{', '.join(name for name, each in lacking.items() if each)}"
    rest = f" and {len(settings) - _NAMED} more" if len(settings) > _NAMED else ""
    return Fault(
        Source(common.path),
        "",
        f"is not there, and {where} has no {', '.join(settings[:_NAMED])}{rest}",
        "put into it what environments share, or write it in each environment's own file",
    )


def _missing(document: Document, merged: Merged) -> Iterator[Fault]:
    for setting in _required(document.platform):
        if setting not in merged.entries:
            section = setting.rpartition(".")[0]
            where = document.sections.get(section, Source(document.path))
            yield Fault(where, setting, "is missing", merged.fields[setting].description)


@cache
def _required(platform: Platform) -> tuple[str, ...]:
    """Settings that have to be in one of the two files; `name` is looked at by itself."""
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
    """Return the path as the user would write it: relative where that is possible."""
    cwd = Path.cwd()
    return (path.relative_to(cwd) if path.is_relative_to(cwd) else path).as_posix()
