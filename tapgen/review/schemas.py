"""AWS's schemas of resource types, read from the copy in cfn-lint.

Reading the files needs no import of cfnlint, which takes half a second. Their layout is internal to
cfn-lint: tests cover it for the versions in `TESTED`, and a different layout is an error.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from tapgen.errors import TapgenError

# Minor versions of cfn-lint with which the use of its internals is tested.
TESTED: Final = ("1.58",)
_REGION: Final = "us-east-1"  # where new types and properties appear first
# Types identified by several properties of which Ref returns all, joined by "|" (CloudFormation
# template reference, "Return values" of each).
_WHOLE: Final = frozenset(
    {
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "AWS::WAFv2::IPSet",
        "AWS::WAFv2::RegexPatternSet",
        "AWS::WAFv2::RuleGroup",
        "AWS::WAFv2::WebACL",
    }
)
ROOT: Final = "/properties/"
"""The beginning of every path in a schema."""


@cache
def resource_schema(type_: str) -> dict[str, Any]:
    """The provider schema of a resource type; empty for a type without one."""
    digest = _digests().get(type_)
    return _read("schemas", "resources", f"{digest}.json") if digest else {}


def types() -> frozenset[str]:
    """All resource types that have a schema."""
    return frozenset(_digests())


def identifier_properties(type_: str) -> tuple[str, ...]:
    """The properties that together identify a resource, in AWS's order; none without a schema.

    An IMPORT change set asks for exactly these, and Cloud Control for their values with `|` between
    (CloudFormation user guide, "Import AWS resources into a CloudFormation stack"; Cloud Control
    API user guide, "Identifying resources").
    """
    return names_of(resource_schema(type_).get("primaryIdentifier", ()))


def identifying(type_: str, identifier: str) -> dict[str, str]:
    """Property -> value of an identifier whose values have `|` between; empty without a schema."""
    names = identifier_properties(type_)
    return dict(zip(names, identifier.split("|", len(names) - 1), strict=True)) if names else {}


def physical_id_of(type_: str, identifier: str) -> str:
    """The physical id of the resource with this identifier: what Ref returns.

    If several properties identify it, it is the one that only AWS knows, otherwise the last.
    """
    names = identifier_properties(type_)
    if len(names) <= 1 or type_ in _WHOLE:
        return identifier
    values = identifying(type_, identifier)
    assigned = names_of(resource_schema(type_).get("readOnlyProperties", ()))
    return next((values[name] for name in names if name in assigned), values[names[-1]])


def handles(type_: str, verb: str) -> bool:
    """True if the schema of a type has a handler for "read", "list", "update" or "delete"."""
    return verb in resource_schema(type_).get("handlers", {})


def tag_values(tags: Any) -> dict[str, Any]:
    """Tags by their keys, in any of the forms that types use.

    Most have a list of Key and Value, some a map, and a few a list of TagKey and TagValue. Anything
    else is left out.
    """
    if isinstance(tags, dict):
        return tags
    members = [tag for tag in tags if isinstance(tag, dict)] if isinstance(tags, list) else []
    found = {
        tag.get("Key", tag.get("TagKey")): tag.get("Value", tag.get("TagValue")) for tag in members
    }
    return {name: value for name, value in found.items() if isinstance(name, str)}


def names_of(pointers: Iterable[str]) -> tuple[str, ...]:
    """Paths of a schema without the "/properties/" in front: "Tags", "Endpoint/Port"."""
    return tuple(pointer.removeprefix(ROOT) for pointer in pointers)


@cache
def stateful_types() -> frozenset[str]:
    """Resource types whose data would be lost by a replacement or a deletion."""
    return frozenset(_read("AdditionalSpecs", "StatefulResources.json")["ResourceTypes"])


@cache
def authorization_reference() -> dict[str, Any]:
    """Service prefix -> its actions, and the resource types that each can be limited to."""
    return _read("AdditionalSpecs", "Policies.json")


@cache
def _digests() -> dict[str, str]:
    return _read("schemas", "providers", f"{_REGION}.json")


def untested(what: str) -> TapgenError:
    """The error for `what` differs from the tested versions of cfn-lint."""
    from importlib.metadata import version  # takes as long as all of this module

    return TapgenError(
        f"tapgen was not tested with cfn-lint {version('cfn-lint')}: {what}",
        f"Install a tested version: `pip install 'cfn-lint == {TESTED[-1]}.*'`.",
    )


def is_tested(version: str) -> bool:
    """True if the internals of that version of cfn-lint are known, see `TESTED`."""
    return version.startswith(tuple(f"{minor}." for minor in TESTED))


def _read(*parts: str) -> dict[str, Any]:
    path = _data().joinpath(*parts)
    try:
        document: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise untested(f"there are no AWS schemas in {path}") from error
    return document


@cache
def _data() -> Path:
    spec = find_spec("cfnlint")
    assert spec  # noqa: S101 - a dependency; for the type checker
    assert spec.submodule_search_locations  # noqa: S101 - it is a package
    return Path(spec.submodule_search_locations[0], "data")
