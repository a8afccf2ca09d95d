"""From the text of a template file to its document, and the place of each part.

YAML's short forms (`!Ref`, `!Sub`) become long ones. Values are read as CloudFormation reads them:
`yes` is true, a date is text. Values that YAML would change silently are refused: 0123, which is
83, and 15.10, which is 15.1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from tapgen.model.templates.json_text import parsed
from tapgen.model.templates.positions import every
from tapgen.settings.faults import EnvironmentFaults, Fault, Source, guess
from tapgen.settings.parsing import yaml_tree
from tapgen.settings.parsing.yaml_tree import Dialect, Listing, Node, Scalar

Path = tuple[str | int, ...]

TEMPLATE: Final = Dialect(
    "template", "part", "a mapping with `Resources:`", depth=64, nodes=100_000, tags=True
)
# Functions with a short form (CloudFormation template reference, "Intrinsic function reference",
# and "Rule-specific intrinsic functions"): the tag is the name without "Fn::".
SHORT: Final = (
    *("Ref", "Condition", "And", "Base64", "Cidr", "Contains", "EachMemberEquals", "EachMemberIn"),
    *("Equals", "FindInMap", "GetAZs", "GetAtt", "If", "ImportValue", "Join", "Length", "Not"),
    *("Or", "RefAll", "Select", "Split", "Sub", "ToJsonString", "Transform", "ValueOf"),
    "ValueOfAll",
)
_UNCHANGED: Final = frozenset({"Ref", "Condition"})
_TRUE: Final = frozenset({"true", "yes", "on"})
_WHOLE: Final = re.compile(r"0|-?[1-9][0-9]{0,17}")


class Flaw(NamedTuple):
    """A fault of the part of a template at `path`, and how to correct it."""

    path: Path
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Reading:
    """A template file: `path` is its name in messages, `places` are lines and columns from 1.

    `faults` are those of the text; if it could not be read, the document is empty.
    """

    path: str
    document: dict[str, Any] = field(default_factory=dict)
    places: Mapping[Path, tuple[int, int]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    def source(self, path: Path) -> Source:
        """The place of a part; for a missing one, that of the nearest part above it."""
        while path and path not in self.places:
            path = path[:-1]
        return Source(self.path, *self.places.get(path, (1, 1)))

    def fault(self, flaw: Flaw) -> Fault:
        """The flaw with its place in the file."""
        return Fault(self.source(flaw.path), ".".join(map(str, flaw.path)), flaw.message, flaw.hint)


def read(content: bytes, path: str) -> Reading:
    """Read the content of the file `path`: JSON if its name ends in `.json`, else YAML."""
    try:
        reader = _json if path.endswith(".json") else _yaml
        reading = reader(content, path)
    except EnvironmentFaults as error:
        return Reading(path, faults=error.faults)
    _write_alike(reading.document)
    return reading


def _json(content: bytes, path: str) -> Reading:
    text = yaml_tree.decoded(content, path, TEMPLATE)
    try:
        document = parsed(text)
        places: dict[Path, tuple[int, int]] = {}
        faults = list(_kept_once(text, path, places))
    except json.JSONDecodeError as error:
        source = Source(path, error.lineno, error.colno)
        raise yaml_tree.fatal(source, f"is not valid JSON: {error.msg}") from None
    except (ValueError, RecursionError):
        raise yaml_tree.fatal(Source(path), "is nested too deep") from None
    if not isinstance(document, dict):
        raise yaml_tree.fatal(Source(path), "is not a template", f"write {TEMPLATE.shape}")
    return Reading(path, document, places, tuple(faults))


def _kept_once(text: str, path: str, places: dict[Path, tuple[int, int]]) -> Iterator[Fault]:
    """Note the places of all parts; yield a fault for each that is set twice."""
    twice: Path = ()
    for step, (line, column) in every(text):
        if twice and step[: len(twice)] == twice and step != twice:
            continue
        if step in places:
            twice = step
            message = f"is set twice, first in line {places[step][0]}"
            source = Source(path, line, column)
            yield Fault(source, ".".join(map(str, step)), message, "keep one")
        else:
            twice = ()
            places[step] = line, column


def _yaml(content: bytes, path: str) -> Reading:
    tree, faults = yaml_tree.parse(content, path, TEMPLATE)
    conversion = _Conversion()
    document = conversion.value(tree, ())
    found = Reading(path, document, conversion.places)
    own = map(found.fault, conversion.flaws)
    return Reading(path, document, conversion.places, (*faults, *own))


class _Conversion:
    """A tree as JSON values, with the place of each key and list item."""

    def __init__(self) -> None:
        self.places: dict[Path, tuple[int, int]] = {}
        self.flaws: list[Flaw] = []

    def value(self, node: Node, path: Path) -> Any:
        """The value of a node: with a tag, it is the argument of a function."""
        if not node.tag:
            return self._plain(node, path)
        short = node.tag.removeprefix("!")
        if short not in SHORT:
            self.flaws.append(Flaw(path, f"{node.tag} is not a function", _instead(short)))
            return None
        name = short if short in _UNCHANGED else f"Fn::{short}"
        self._note((*path, name), node.source)
        return {name: self._plain(node, (*path, name))}

    def _plain(self, node: Node, path: Path) -> Any:
        if isinstance(node, Scalar):
            return node.text if node.quoted or node.tag else self._scalar(node, path)
        if isinstance(node, Listing):
            items = []
            for index, item in enumerate(node.items):
                self._note((*path, index), item.source)
                items.append(self.value(item, (*path, index)))
            return items
        entries = {}
        for key, (where, item) in node.entries.items():
            self._note((*path, key), where)
            entries[key] = self.value(item, (*path, key))
        return entries

    def _scalar(self, node: Scalar, path: Path) -> Any:
        if node.meaning == "bool":
            return node.text.lower() in _TRUE
        if node.meaning == "null":
            return None
        if node.meaning not in {"int", "float"}:
            return node.text
        if _WHOLE.fullmatch(node.text):
            return int(node.text)
        if node.meaning == "float" and _is_float(node.text):
            return float(node.text)
        hint = f'write "{node.text}" in quotes, or the intended number'
        self.flaws.append(Flaw(path, f"{node.text} is a number to YAML, which alters it", hint))
        return None

    def _note(self, path: Path, source: Source) -> None:
        self.places[path] = source.line, source.column


def _is_float(text: str) -> bool:
    """True if JSON writes the number in exactly this way."""
    try:
        return json.dumps(float(text)) == text
    except ValueError:
        return False


def _instead(short: str) -> str:
    if short.startswith("Rain::"):
        return "`rain pkg FILE --output OTHER` writes a file without directives: name that file"
    close = guess(short, SHORT)
    return f"did you mean !{close}?" if close else f"CloudFormation has !{', !'.join(SHORT)}"


def _write_alike(document: dict[str, Any]) -> None:
    """Normalize different notations: `[resource, attribute]`, and values of parameters as text."""
    _split_attributes(document)
    parameters = document.get("Parameters")
    for declared in parameters.values() if isinstance(parameters, dict) else ():
        if isinstance(declared, dict):
            for name in ("AllowedValues", "Default"):
                if name in declared:
                    declared[name] = _as_text(declared[name])


def _as_text(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else value


def _split_attributes(value: Any) -> None:
    for item in value if isinstance(value, list) else ():
        _split_attributes(item)
    for name, item in value.items() if isinstance(value, dict) else ():
        if name == "Fn::GetAtt" and isinstance(item, str) and "." in item:
            value[name] = item.split(".", 1)
        else:
            _split_attributes(item)
