"""One environment file, checked setting by setting: dotted name -> value and its place.

Merging two files is then a union of two flat mappings.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tapgen.model.platform import Platform
from tapgen.settings.faults import Fault, Source, guess
from tapgen.settings.fields import fields, sections
from tapgen.settings.parsing.values import Unreadable, Value, read
from tapgen.settings.parsing.yaml_tree import Mapping, Node, parse


class Faulty:
    """Stands for a value that has already been reported, so that it is not reported again."""


FAULTY: Final = Faulty()


class Written(NamedTuple):
    """A value and where it was written."""

    value: Value | Faulty
    source: Source


Entries = MappingOf[str, Written]


@dataclass(frozen=True, slots=True)
class Document:
    """The settings of a platform that one file holds, and what is wrong with them.

    `readable` is false if the file could not be read or parsed; `absent` is true if it does not
    exist and is not needed.
    """

    path: str
    platform: Platform
    entries: dict[str, Written] = field(default_factory=dict)
    sections: dict[str, Source] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    readable: bool = True
    absent: bool = False


def read_document(content: bytes, path: str, platform: Platform) -> Document:
    """Read one file. Raises EnvironmentFaults when it is not even a mapping of settings."""
    tree, faults = parse(content, path)
    document = Document(path, platform, faults=faults)
    _read_section(document, tree, "")
    return document


def merge(base: Entries, over: Entries) -> dict[str, Written]:
    """Return `base` merged with `over`: `over` wins, lists are replaced, null unsets."""
    return {**base, **over}


def _read_section(document: Document, tree: Mapping, section: str) -> None:
    known = sections(document.platform)
    for key, (where, node) in tree.entries.items():
        setting = _dotted(section, key)
        if key not in known[section]:
            _refuse_unknown(document, section, key, where)
        elif setting in known:
            _enter_section(document, setting, where, node)
        else:
            _read_setting(document, setting, node)


def _read_setting(document: Document, setting: str, node: Node) -> None:
    value: Value | Faulty = FAULTY
    try:
        value = read(node, fields(document.platform)[setting])
    except Unreadable as found:
        document.faults.append(Fault(found.source, setting, found.message, found.hint))
    document.entries[setting] = Written(value, node.source)


def _enter_section(document: Document, section: str, where: Source, node: Node) -> None:
    document.sections[section] = where
    if isinstance(node, Mapping):
        _read_section(document, node, section)
        return
    hint = "indent its settings below it, or remove the line"
    document.faults.append(Fault(where, section, "is a section and needs settings", hint))
    for leaf in sections(document.platform)[section]:
        document.entries[f"{section}.{leaf}"] = Written(FAULTY, where)


def _refuse_unknown(document: Document, section: str, key: str, where: Source) -> None:
    meant, hint = _meant(document.platform, section, key)
    setting = _dotted(section, key)
    document.faults.append(Fault(where, setting, "there is no such setting", hint))
    if meant in fields(document.platform):  # so it is not reported as missing as well
        document.entries.setdefault(meant, Written(FAULTY, where))


def _meant(platform: Platform, section: str, key: str) -> tuple[str, str]:
    """Return the setting that was probably meant ("" if none comes near), and the hint."""
    for setting in fields(platform):  # the right name in the wrong place
        home, _, leaf = setting.rpartition(".")
        if key in (leaf, setting):
            return setting, f"{leaf} belongs {f'under {home}:' if home else 'at the top level'}"
    known = sections(platform)[section]
    if close := guess(key, known):
        meant = _dotted(section, close)
        return meant, f"did you mean {meant}?"
    return "", f"{section or 'the top level'} accepts {', '.join(known)}"


def _dotted(section: str, key: str) -> str:
    return f"{section}.{key}" if section else key
