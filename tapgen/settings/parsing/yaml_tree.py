"""YAML text -> a tree whose every key and value knows its line and column.

Works on the parser's events instead of constructed objects. That keeps each scalar as it was
written, so that what a value is gets decided by the type of its setting and not by YAML 1.1, in
which `no` is false, 0123 is 83 and 12:30:45 is 45045. Anchors, aliases, merge keys and further
documents are refused outright: small files need none of them, and an alias can make a few lines
explode into gigabytes. Tags are for the kinds of files that have some (`Dialect`).
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

import yaml

from tapgen.settings.faults import EnvironmentFaults, Fault, Source, printable, shown

MAX_BYTES: Final = 1 << 20


class Dialect(NamedTuple):
    """A kind of YAML file: how much it may hold, whether it has tags, and its words for messages.

    - `name`: what it is; `key`: what a key names; `shape`: what to write where there is nothing.
    - `depth`, `nodes`: the deepest level, and the most values, keys included.
    - `tags`: whether tags of its own, such as `!Ref`, are taken.
    """

    name: str
    key: str
    shape: str
    depth: int
    nodes: int
    tags: bool = False


# Settings need three levels, and about a hundred values.
SETTINGS: Final = Dialect("settings file", "setting", "`setting: value` lines", depth=8, nodes=2000)

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where PyYAML has it

# Everything but tab, line feed and text: C0, DEL, C1, line and paragraph separators, controls of
# writing direction (which make a reviewed line read differently), noncharacters, an inner BOM.
_UNSAFE_ASCII: Final = "\x00-\x08\x0b-\x1f\x7f"
_UNSAFE: Final = (
    _UNSAFE_ASCII + "\x80-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff"
)


class Scalar(NamedTuple):
    """A single value as written. `meaning` is what YAML 1.1 takes it for: str, int, bool, ..."""

    source: Source
    text: str
    meaning: str
    quoted: bool
    tag: str = ""


class Listing(NamedTuple):
    """A YAML sequence."""

    source: Source
    items: tuple[Node, ...]
    tag: str = ""


class Mapping(NamedTuple):
    """A YAML mapping: key -> (where the key is, value)."""

    source: Source
    entries: dict[str, tuple[Source, Node]]
    tag: str = ""


Node = Scalar | Listing | Mapping
Trail = tuple[str, ...]  # the keys that lead to a node


def parse(content: bytes, path: str, dialect: Dialect = SETTINGS) -> tuple[Mapping, list[Fault]]:
    """Parse one file; returns the tree and the faults that do not stop the parser.

    Raises EnvironmentFaults for the others: a syntax error, no mapping, a refused YAML feature.
    """
    text = decoded(content, path, dialect)
    loader = LOADER(text)
    try:
        return _Builder(loader, path, dialect).document()
    except yaml.MarkedYAMLError as error:
        raise _syntax(error, text, path) from None
    finally:
        loader.dispose()


def fatal(source: Source, message: str, hint: str = "") -> EnvironmentFaults:
    """Return the error for a fault that makes the rest of a file unreadable."""
    return EnvironmentFaults([Fault(source, "", message, hint)])


def decoded(content: bytes, path: str, dialect: Dialect) -> str:
    """The text of a file, with line feeds only. Raises EnvironmentFaults if it is not text."""
    if len(content) > MAX_BYTES:
        raise fatal(
            Source(path), f"is larger than {MAX_BYTES} bytes", f"this is not a {dialect.name}"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", "replace")
        raise fatal(_position(before, path), "is not UTF-8 text", "save it as UTF-8") from None
    text = text.replace("\r\n", "\n")
    # Compiling the whole pattern takes longer than reading a file, and most files are ASCII.
    if found := re.search(f"[{_UNSAFE_ASCII if text.isascii() else _UNSAFE}]", text):
        code = f"U+{ord(found[0]):04X}"
        where = _position(text[: found.start()], path)
        raise fatal(where, f"holds the control character {code}", "remove it")
    return text


def _position(before: str, path: str) -> Source:
    return Source(path, before.count("\n") + 1, len(before) - before.rfind("\n"))


def _syntax(error: yaml.MarkedYAMLError, text: str, path: str) -> EnvironmentFaults:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    lines = text.split("\n")
    if line < len(lines) and lines[line][column : column + 1] == "\t":
        message, hint = "there is a tab here", "indent YAML with spaces"
    else:
        message = f"is not valid YAML: {printable(error.problem or error.context or '')}"
        hint = "check this line and the one before it"
    return fatal(Source(path, line + 1, column + 1), message, hint)


class _Builder:
    """Builds the tree from the events of one document."""

    def __init__(self, loader: Any, path: str, dialect: Dialect) -> None:
        self._loader = loader
        self._path = path
        self._dialect = dialect
        self._nodes = 0
        self._faults: list[Fault] = []

    def document(self) -> tuple[Mapping, list[Fault]]:
        self._loader.get_event()  # the start of the stream
        if isinstance(self._loader.get_event(), yaml.StreamEndEvent):
            raise fatal(Source(self._path), "is empty", f"write {self._dialect.shape}")
        root = self._node(self._loader.get_event(), ())
        self._loader.get_event()  # the end of the document
        following = self._loader.get_event()
        if not isinstance(following, yaml.StreamEndEvent):
            raise fatal(self._source(following), "a second YAML document begins", "remove it")
        if not isinstance(root, Mapping):
            message = f"is not a {self._dialect.name}"
            raise fatal(root.source, message, f"write {self._dialect.shape}")
        return root, self._faults

    def _node(self, event: Any, trail: Trail) -> Node:
        source = self._source(event)
        tag = event.tag if self._dialect.tags and event.anchor is None else None
        tag = tag if tag and tag.startswith("!") else ""
        if event.anchor is not None or (event.tag is not None and not tag):
            raise _refused(event, source)
        self._nodes += 1
        if len(trail) > self._dialect.depth or self._nodes > self._dialect.nodes:
            hint = f"a {self._dialect.name} needs far less"
            raise fatal(source, "is nested too deep or too long", hint)
        if isinstance(event, yaml.ScalarEvent):
            meaning = _meaning(event.value) if event.implicit[0] else "str"
            return Scalar(source, event.value, meaning, quoted=bool(event.style), tag=tag)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._listing(source, trail, tag)
        return self._mapping(source, trail, tag)

    def _listing(self, source: Source, trail: Trail, tag: str) -> Listing:
        items: list[Node] = []
        while not isinstance(event := self._loader.get_event(), yaml.SequenceEndEvent):
            items.append(self._node(event, (*trail, "-")))
        return Listing(source, tuple(items), tag)

    def _mapping(self, source: Source, trail: Trail, tag: str) -> Mapping:
        entries: dict[str, tuple[Source, Node]] = {}
        while not isinstance(event := self._loader.get_event(), yaml.MappingEndEvent):
            key = self._key(event, trail)
            inside = (*trail, key.text)
            value = self._node(self._loader.get_event(), inside)
            if key.text in entries:
                message = f"is set twice, first in line {entries[key.text][0].line}"
                self._faults.append(Fault(key.source, ".".join(inside), message, "keep one"))
            entries.setdefault(key.text, (key.source, value))
        return Mapping(source, entries, tag)

    def _key(self, event: Any, trail: Trail) -> Scalar:
        key = self._node(event, trail)
        if not isinstance(key, Scalar) or key.tag:
            raise fatal(key.source, f"the name of a {self._dialect.key} must be a word")
        if key.meaning == "merge":
            raise fatal(key.source, "merge keys (<<) are refused", "write out what it stands for")
        return key

    def _source(self, event: Any) -> Source:
        mark = event.start_mark
        return Source(self._path, mark.line + 1, mark.column + 1)


@cache
def _resolver() -> Any:
    return yaml.resolver.Resolver()


@lru_cache(maxsize=4 * SETTINGS.nodes)  # environments are alike
def _meaning(plain: str) -> str:
    """The type that YAML 1.1 gives a scalar without quotes."""
    tag: str = _resolver().resolve(yaml.ScalarNode, plain, (True, False))
    return tag.rpartition(":")[2]


def _refused(event: Any, source: Source) -> EnvironmentFaults:
    if event.anchor is None:
        return fatal(source, f"tags ({shown(event.tag)}) are refused", "write the plain value")
    mark = "*" if isinstance(event, yaml.AliasEvent) else "&"
    name = shown(f"{mark}{event.anchor}")
    return fatal(source, f"anchors and aliases ({name}) are refused", "repeat the value")
