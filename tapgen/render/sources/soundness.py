"""Faults of template files that tapgen could not work with.

Values of properties are not checked; cfn-lint does that. This module checks the structure of the
template, functions and the names in them, and refuses macros: nobody can review their result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from tapgen.model.layer import METADATA_KEY, REGENERABLE_KEY
from tapgen.model.templates.intrinsics import SUB_VARIABLE
from tapgen.model.templates.seal import OUTPUT
from tapgen.render.sources.reading import Flaw, Path
from tapgen.settings.faults import guess

# CloudFormation template reference, "Template sections"; Transform and Hooks need a macro.
_SECTIONS: Final = (
    *("AWSTemplateFormatVersion", "Conditions", "Description", "Mappings", "Metadata"),
    *("Outputs", "Parameters", "Resources", "Rules"),
)
_TEXTS: Final = frozenset({"AWSTemplateFormatVersion", "Description"})
_MACROS: Final = frozenset({"Hooks", "Transform"})
# Functions of the macro AWS::LanguageExtensions; the name of a loop follows it.
_EXTENSIONS: Final = ("Fn::ForEach", "Fn::Length", "Fn::ToJsonString")
_EXTENSION: Final = "is a function of the macro AWS::LanguageExtensions"
_PROCESSED: Final = (
    "name the processed template instead: `aws cloudformation get-template "
    "--template-stage Processed --query TemplateBody --stack-name ...`"
)
_METADATA_OF_THE_CDK: Final = "AWS::CDK::Metadata"
_NOTES: Final = ("Accepted", REGENERABLE_KEY)
# "Pseudo parameters reference".
_PSEUDO: Final = frozenset(
    f"AWS::{name}"
    for name in (
        "AccountId",
        "NoValue",
        "NotificationARNs",
        "Partition",
        "Region",
        "StackId",
        "StackName",
        "URLSuffix",
    )
)

Flaws = Iterator[Flaw]


def flaws(document: Mapping[str, Any]) -> list[Flaw]:
    """All faults of a template file's document.

    With a macro nothing else is checked: sections, types and names may be the macro's.
    """
    return list(_macros(document)) or [
        *_sections(document),
        *_entries(document),
        *_reserved(document),
        *_Names(document).flaws(),
    ]


def section_of(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A section of a template; empty if it is missing or not a mapping."""
    section = document.get(name)
    return section if isinstance(section, dict) else {}


def _macros(document: Mapping[str, Any]) -> Flaws:
    for name in sorted(_MACROS & document.keys()):
        message = "names a macro, whose result nobody can review"
        yield Flaw((name,), message, _PROCESSED)


def _sections(document: Mapping[str, Any]) -> Flaws:
    for name, section in document.items():
        if name not in _SECTIONS:
            close = guess(name, _SECTIONS)
            hint = f"did you mean {close}?" if close else f"sections are {', '.join(_SECTIONS)}"
            yield Flaw((name,), "is not a section of a template", hint)
        elif name in _TEXTS:
            yield from _flaw((name,), "is not text", unless=isinstance(section, str))
        elif not isinstance(section, dict):
            yield Flaw((name,), "is not a mapping", "write its content as `name: ...`")
    if not document.get("Resources"):
        yield Flaw(("Resources",), "the template has no resources", "add one")


def _entries(document: Mapping[str, Any]) -> Flaws:
    for name, check in _ENTRIES.items():
        for entry, body in section_of(document, name).items():
            if isinstance(body, dict):
                yield from check((name, entry), body)
            elif entry.startswith(_EXTENSIONS):
                yield Flaw((name, entry), _EXTENSION, _PROCESSED)
            else:
                yield Flaw((name, entry), "is not a mapping", "write its content as `name: ...`")


def _reserved(document: Mapping[str, Any]) -> Flaws:
    if METADATA_KEY in section_of(document, "Metadata"):
        message = "is reserved: tapgen notes the settings of the parameters there"
        yield Flaw(("Metadata", METADATA_KEY), message, "rename it")
    if OUTPUT in section_of(document, "Outputs"):
        message = "is reserved: tapgen adds an output of this name to every template"
        yield Flaw(("Outputs", OUTPUT), message, "rename it")


def _parameter(path: Path, body: Mapping[str, Any]) -> Flaws:
    yield from _flaw(path, "has no Type", unless=isinstance(body.get("Type"), str))
    default = body.get("Default", "")
    plain = isinstance(default, str | int | float)
    yield from _flaw((*path, "Default"), "is neither text nor a number", unless=plain)
    allowed = body.get("AllowedValues", [])
    yield from _flaw((*path, "AllowedValues"), "is not a list", unless=isinstance(allowed, list))


def _resource(path: Path, body: Mapping[str, Any]) -> Flaws:
    kind = body.get("Type")
    if not isinstance(kind, str):
        yield Flaw(path, "has no Type", "name the type of the resource, `Type: AWS::...`")
    elif kind.startswith("AWS::Serverless::"):
        message = f"{kind} is a type of SAM's macro, whose result nobody can review"
        yield Flaw((*path, "Type"), message, _PROCESSED)
    elif kind == _METADATA_OF_THE_CDK:
        message = f"{kind} reports the use of the CDK, and differs with each of its versions"
        yield Flaw((*path, "Type"), message, "leave it out: `cdk synth --no-version-reporting`")
    for name in ("Metadata", "Properties"):
        yield from _flaw(
            (*path, name), "is not a mapping", unless=isinstance(body.get(name, {}), dict)
        )
    for name in ("DeletionPolicy", "UpdateReplacePolicy", "Condition"):
        yield from _flaw((*path, name), "is not text", unless=isinstance(body.get(name, ""), str))
    upon = body.get("DependsOn", "")
    names = upon if isinstance(upon, list) else [upon]
    named = all(isinstance(one, str) for one in names)
    yield from _flaw((*path, "DependsOn"), "does not name resources", unless=named)
    metadata = body.get("Metadata")
    if isinstance(metadata, dict) and METADATA_KEY in metadata:
        yield from _notes((*path, "Metadata", METADATA_KEY), metadata[METADATA_KEY])


def _notes(path: Path, notes: Any) -> Flaws:
    """Faults of a resource's notes: `Accepted: {rule: reason}`, `Regenerable: reason`."""
    if not isinstance(notes, dict):
        yield Flaw(path, "is not a mapping", f"tapgen reads {' and '.join(_NOTES)}")
        return
    for name, note in notes.items():
        if name not in _NOTES:
            close = guess(name, _NOTES)
            hint = f"did you mean {close}?" if close else f"tapgen reads {' and '.join(_NOTES)}"
            yield Flaw((*path, name), "is not known to tapgen", hint)
        elif name == REGENERABLE_KEY:
            yield from _flaw((*path, name), "is not a reason", unless=isinstance(note, str))
        elif not (isinstance(note, dict) and all(isinstance(one, str) for one in note.values())):
            yield Flaw(
                (*path, name), "is not a mapping of rules to reasons", "write `rule: reason`"
            )


def _output(path: Path, body: Mapping[str, Any]) -> Flaws:
    yield from _flaw(path, "has no Value", unless="Value" in body)
    named = isinstance(body.get("Condition", ""), str)
    yield from _flaw((*path, "Condition"), "is not text", unless=named)


def _any(_path: Path, _body: Mapping[str, Any]) -> Flaws:
    yield from ()


_ENTRIES: Final[dict[str, Callable[[Path, Mapping[str, Any]], Flaws]]] = {
    "Conditions": _any,
    "Mappings": _any,
    "Outputs": _output,
    "Parameters": _parameter,
    "Resources": _resource,
}


def _flaw(path: Path, message: str, hint: str = "", *, unless: bool) -> Flaws:
    if not unless:
        yield Flaw(path, message, hint)


class _Names:
    """The functions of a document whose sections are sound, and the names in them."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._conditions = section_of(document, "Conditions")
        self._resources = section_of(document, "Resources")
        self._values = {*section_of(document, "Parameters"), *self._resources, *_PSEUDO}
        # Function -> the fault of its argument, in words that follow its name; "" if there is none.
        self._checks: dict[str, Callable[[Any], str]] = {
            "Ref": lambda one: self._unknown(one, self._values, "parameter or resource"),
            "Condition": self._condition,
            "Fn::Base64": _one_value,
            "Fn::FindInMap": lambda one: _listed(one, 3),
            "Fn::GetAZs": _one_value,
            "Fn::GetAtt": self._attribute,
            "Fn::If": self._if,
            "Fn::ImportValue": _one_value,
            "Fn::Join": _joined,
            "Fn::Select": lambda one: _listed(one, 2),
            "Fn::Split": lambda one: _listed(one, 2),
            "Fn::Cidr": lambda one: _listed(one, 2, 3),
            "Fn::Equals": lambda one: _listed(one, 2),
            "Fn::And": lambda one: _listed(one, 2, 10),
            "Fn::Or": lambda one: _listed(one, 2, 10),
            "Fn::Not": lambda one: _listed(one, 1),
            "Fn::Sub": self._sub,
        }

    def flaws(self) -> Flaws:
        """Yield faults of functions, and conditions that depend on themselves."""
        for section in ("Conditions", "Resources", "Outputs"):
            for name, body in section_of(self._document, section).items():
                yield from self._walk(body, (section, name))
        for name in self._conditions:
            if name in self._behind(name):
                message = "depends on itself"
                yield Flaw(("Conditions", name), message, "let it depend on parameters")

    def _behind(self, name: str) -> set[str]:
        """The conditions that a condition depends on, at any depth."""
        found: set[str] = set()
        waiting = [self._conditions.get(name)]
        while waiting:
            value = waiting.pop()
            if isinstance(value, list):
                waiting += value
            elif isinstance(value, dict):
                waiting += value.values()
                named = value.get("Condition")
                if isinstance(named, str) and named not in found:
                    found.add(named)
                    waiting.append(self._conditions.get(named))
        return found

    def _walk(self, value: Any, path: Path) -> Flaws:
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from self._walk(item, (*path, index))
        elif isinstance(value, dict):
            for name, item in value.items():
                yield from self._entry(value, name, (*path, name))
                yield from self._walk(item, (*path, name))

    def _entry(self, within: Mapping[str, Any], name: str, path: Path) -> Flaws:
        if name == "Fn::Transform":
            yield Flaw(path, "is a macro, whose result nobody can review", _PROCESSED)
        elif name.startswith(_EXTENSIONS):
            yield Flaw(path, _EXTENSION, _PROCESSED)
        elif name.startswith("Rain::"):
            hint = "`rain pkg FILE --output OTHER` writes a file without directives: name that file"
            yield Flaw(path, "is a directive of Rain", hint)
        elif name == "Condition" and isinstance(within[name], str) and _decides(within, path):
            yield from _told(self._condition(within[name]), path)
        elif name == "Ref" or name.startswith("Fn::"):
            if len(within) > 1:
                message = "is not the only key of its mapping"
                yield Flaw(path, message, "write a function as a mapping with one key")
            elif name not in self._checks:
                close = guess(name, list(self._checks))
                hint = f"did you mean {close}?" if close else ""
                yield Flaw(path, "is not a CloudFormation function", hint)
            else:
                yield from _told(self._checks[name](within[name]), path)

    def _unknown(self, name: Any, known: Any, kind: str) -> str:
        if not isinstance(name, str):
            return f"does not name a {kind}"
        if name in known:
            return ""
        close = guess(name, list(known))
        return f"there is no {kind} {name}" + (f"; did you mean {close}?" if close else "")

    def _condition(self, name: Any) -> str:
        return self._unknown(name, self._conditions, "condition")

    def _if(self, argument: Any) -> str:
        return _listed(argument, 3) or self._condition(argument[0])

    def _attribute(self, argument: Any) -> str:
        if not (isinstance(argument, list) and _texts(argument) and len(argument) > 1):
            return "does not name a resource and an attribute"
        return self._unknown(argument[0], self._resources, "resource")

    def _sub(self, argument: Any) -> str:
        text, own = argument, {}
        if isinstance(argument, list) and len(argument) == 2:  # noqa: PLR2004 - text and variables
            text, own = argument
        if not isinstance(text, str) or not isinstance(own, dict):
            return "accepts a text, or [text, {variable: value}]"
        for literal, name in SUB_VARIABLE.findall(text):
            if literal or name in own:
                continue
            resource, dot, _ = name.partition(".")
            known, kind = (
                (self._resources, "resource") if dot else (self._values, "parameter or resource")
            )
            if wrong := self._unknown(resource, known, kind):
                return wrong
        return ""


def _decides(within: Mapping[str, Any], path: Path) -> bool:
    """True if `Condition` is that of a resource or an output, or a function.

    Some properties have this name, too.
    """
    return len(path) == len(("Resources", "Name", "Condition")) or len(within) == 1


def _told(wrong: str, path: Path) -> Flaws:
    message, _, hint = wrong.partition("; ")
    yield from _flaw(path, message, hint, unless=not wrong)


def _listed(argument: Any, least: int, most: int = 0) -> str:
    most = most or least
    if isinstance(argument, list) and least <= len(argument) <= most:
        return ""
    return f"accepts a list of {least if least == most else f'{least} to {most}'}"


def _one_value(argument: Any) -> str:
    return "" if isinstance(argument, str | dict) else "accepts one value"


def _joined(argument: Any) -> str:
    if wrong := _listed(argument, 2):
        return wrong
    separator, parts = argument
    right = isinstance(separator, str) and isinstance(parts, list | dict)
    return "" if right else "accepts a separator and a list"


def _texts(items: list[Any]) -> bool:
    return all(isinstance(item, str) for item in items)
