"""Resources of any type, read through Cloud Control and made comparable by their schema.

A service may return a value in another form than the template's: names in lower case, full
versions, ARNs for ids. If the schema shows that both are equal, the value is returned as declared;
if it cannot be decided, the value is `NotRead`, neither equal nor different.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from tapgen.aws.readers.values import AbsentError, NotRead, Properties, Read
from tapgen.aws.resources.cloud_control import get, identifier_of
from tapgen.aws.resources.retained import Region
from tapgen.model.templates.intrinsics import Unknown
from tapgen.review.schemas import ROOT, names_of, resource_schema, tag_values

WRITE_ONLY: Final = NotRead("write-only, AWS never returns it")
NOT_TOLD: Final = NotRead("AWS does not return it")
ANOTHER_FORM: Final = NotRead("AWS may have it in another form")
_ARN: Final = "arn:"
# A schema's propertyTransform is JSONata that yields a regular expression for what AWS has. Forms
# that are read here: the property, in lower or upper case, literal text, and these joined.
_OR: Final = " $OR "
_CASE: Final = re.compile(r"\$(lowercase|uppercase)\((?:\$string\()?([\w.]+)\)?\)")
_JOIN: Final = re.compile(r"\$join\(\[(.*)\]\)")
_PART: Final = re.compile(
    r'\s*(?:"(?P<text>(?:[^"\\]|\\.)*)"|(?:\$string\()?(?P<name>[\w.]+)\)?)\s*(?:,|$)'
)


def any_type(resource_type: str) -> Read:
    """A reader for resources of a type, through Cloud Control.

    It returns all properties that a template may set. It raises `AbsentError`, `UnableError` if
    such a resource cannot be read, and errors of botocore.
    """

    def reading(region: Region, physical_id: str, declared: Mapping[str, Any]) -> Properties:
        identifier = identifier_of(resource_type, physical_id, declared)
        found = get(region, resource_type, identifier)
        if found is None:
            raise AbsentError
        return comparable(resource_type, declared, found)

    return reading


def comparable(
    resource_type: str, declared: Mapping[str, Any], found: Mapping[str, Any]
) -> Properties:
    """The properties that were read, as declared if equal, without those that only AWS sets.

    A declared property that AWS does not return is `NotRead`: handlers omit properties without a
    value, and some omit properties that they do not read.
    """
    form = _form(resource_type)
    told = {name: form.value(name, wanted, found.get(name)) for name, wanted in declared.items()}
    rest = {name: one for name, one in found.items() if name not in form.read_only}
    return {**rest, **told}


@dataclass(frozen=True)
class _Form:
    """The schema's information on values, by paths such as "Endpoint/Port", "Rules/*/Name"."""

    read_only: frozenset[str]
    write_only: frozenset[str]
    transforms: Mapping[str, str]
    tags: str

    def value(self, path: str, wanted: Any, actual: Any) -> Any:
        """One value, as declared if equal."""
        if path in self.write_only:
            return WRITE_ONLY
        if actual is None:
            return NOT_TOLD
        if isinstance(wanted, Unknown):
            return actual
        if path == self.tags:
            return _declared_tags(wanted, actual)
        if path in self.transforms and not isinstance(wanted, str) and wanted != actual:
            return ANOTHER_FORM
        if isinstance(wanted, dict) and isinstance(actual, dict):
            parts = {
                name: self.value(f"{path}/{name}", part, actual.get(name))
                for name, part in wanted.items()
            }
            return {**actual, **parts}
        if isinstance(wanted, list) and isinstance(actual, list):
            return [self._member(f"{path}/*", wanted, one) for one in actual]
        if isinstance(wanted, str) and isinstance(actual, str):
            return _text(path, self.transforms.get(path), wanted, actual)
        return actual

    def _member(self, path: str, wanted: list[Any], actual: Any) -> Any:
        """A member of a list, compared with the declared one that it has most in common with."""
        if isinstance(actual, dict):
            twins = [one for one in wanted if isinstance(one, dict)]
            twin = max(twins, key=lambda one: _in_common(one, actual), default={})
            return self.value(path, twin, actual)
        found = [self.value(path, one, actual) for one in wanted if not isinstance(one, Unknown)]
        same = [one for one in found if one in wanted]
        doubtful = [one for one in found if isinstance(one, NotRead)]
        return next(iter([*same, *doubtful]), actual)


@cache
def _form(resource_type: str) -> _Form:
    schema = resource_schema(resource_type)
    transforms = schema.get("propertyTransform", {})
    return _Form(
        frozenset(names_of(schema.get("readOnlyProperties", ()))),
        frozenset(names_of(schema.get("writeOnlyProperties", ()))),
        dict(zip(names_of(transforms), transforms.values(), strict=True)),
        *names_of([schema.get("tagging", {}).get("tagProperty", f"{ROOT}Tags")]),
    )


def _in_common(one: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    return sum(str(other.get(name)) == str(value) for name, value in one.items())


def _declared_tags(wanted: Any, actual: Any) -> Any:
    """The tags that are declared, as found; organisations and AWS may add tags of their own."""
    names = tag_values(wanted)
    if isinstance(actual, dict):
        return {name: value for name, value in actual.items() if name in names}
    return [tag for tag in actual if names.keys() & tag_values([tag])]


def _text(path: str, transform: str | None, wanted: str, actual: str) -> Any:
    """The declared text if equal to what was read, `NotRead` if it cannot be decided."""
    if wanted == actual:
        return actual
    patterns = list(_patterns(transform, path.rpartition("/")[2], wanted)) if transform else []
    if any(pattern and pattern.fullmatch(actual) for pattern in patterns):
        return wanted
    if wanted.startswith(_ARN) != actual.startswith(_ARN):
        name, arn = sorted((wanted, actual), key=lambda one: one.startswith(_ARN))
        # Another name may be an alias of the ARN's resource.
        return wanted if re.split("[:/]", arn)[-1] == name else ANOTHER_FORM
    return ANOTHER_FORM if None in patterns else actual


def _patterns(transform: str, name: str, wanted: str) -> Iterator[re.Pattern[str] | None]:
    """A pattern of the forms that AWS may return for a declared text; None if not understood."""
    for form in map(str.strip, transform.split(_OR)):
        case, joined = _CASE.fullmatch(form), _JOIN.fullmatch(form)
        if case and _is(case[2], name):
            yield re.compile(
                re.escape(wanted.lower() if case[1] == "lowercase" else wanted.upper())
            )
        else:
            yield _joined(joined[1] if joined else form, name, wanted)


def _joined(parts: str, name: str, wanted: str) -> re.Pattern[str] | None:
    place, pattern = 0, ""
    while place < len(parts):
        part = _PART.match(parts, place)
        if not part or not (part["name"] is None or _is(part["name"], name)):
            return None
        pattern += part["text"] if part["name"] is None else re.escape(wanted)
        place = part.end()
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _is(expression: str, name: str) -> bool:
    return expression.rpartition(".")[2] == name
