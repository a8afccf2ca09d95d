"""Taking over retained resources: an IMPORT change set before the ordinary one.

When a stack is made again, the tables and buckets that the last one left behind are still there. A
plain create would fail on their names; importing them keeps their data.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from tapgen.aws.resources.retained import KINDS, Region, find
from tapgen.errors import TapgenError
from tapgen.model.plan import Adoption
from tapgen.model.stack import Stack
from tapgen.model.templates.intrinsics import NO_VALUE, Resolver, references
from tapgen.model.templates.template import Template

_KEY: Final = "AWS::KMS::Key"
_ALIAS: Final = "AWS::KMS::Alias"
Find = Callable[[Region, str, Mapping[str, Any], Mapping[str, str]], str | None]
# Sections an IMPORT change set of a new stack may have; outputs may not be added by an import.
_SECTIONS: Final = ("AWSTemplateFormatVersion", "Conditions", "Mappings", "Metadata", "Parameters")


class Lookups:
    """Looks retained resources up; what is looked up ahead of time is ready when it is wanted.

    Each answer serves once, so that whoever asks again later is not told what was.
    """

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str, str], str | None] = {}

    def foresee(self, stack: Stack, region: Region) -> None:
        """Look up what the stack may take over, as far as names are known without its inputs."""

        def remember(
            region: Region,
            resource_type: str,
            properties: Mapping[str, Any],
            owner: Mapping[str, str],
        ) -> None:
            question = _question(region, resource_type, properties)
            with suppress(TapgenError):  # whoever wants the answer asks again
                self._answers[question] = find(region, resource_type, properties, owner)

        adoptable(stack, stack.parameters, region, remember)

    def find(
        self,
        region: Region,
        resource_type: str,
        properties: Mapping[str, Any],
        owner: Mapping[str, str],
    ) -> str | None:
        """Like `retained.find`."""
        question = _question(region, resource_type, properties)
        if question in self._answers:
            return self._answers.pop(question)
        return find(region, resource_type, properties, owner)


def _question(
    region: Region, resource_type: str, properties: Mapping[str, Any]
) -> tuple[str, str, str]:
    return region.name, resource_type, str(properties.get(KINDS[resource_type].name))


def adoptable(
    stack: Stack, parameters: Mapping[str, str], region: Region, find: Find = find
) -> tuple[Adoption, ...]:
    """The retained resources of the template that exist already, by their names and tags.

    Raises `RefusedError` where one of a declared name is not known to be the stack's.
    """
    resolver = Resolver(stack.template.document, parameters, stack.account_id, stack.region)
    resources = resolver.resolve().resources
    found = []
    for logical_id, resource_type in sorted(stack.template.retained.items()):
        if logical_id not in resources or resource_type not in KINDS:
            continue
        properties = resources[logical_id].get("Properties", {})
        if resource_type == _KEY:
            properties = {"AliasName": _alias_of(logical_id, stack.template, resources)}
        identifier = find(region, resource_type, properties, stack.identity)
        if identifier is not None:
            name = KINDS[resource_type].identifier
            found.append(Adoption(logical_id, resource_type, name, identifier))
    return tuple(found)


def import_template(template: Template, adoptions: tuple[Adoption, ...]) -> str:
    """The template reduced to what is adopted.

    Properties that refer to resources which are not there (yet) are left out; the ordinary update
    that follows sets them.
    """
    document = template.document
    adopted = {adoption.logical_id for adoption in adoptions}
    gone = template.resources.keys() - adopted
    reduced: dict[str, Any] = {name: document[name] for name in _SECTIONS if name in document}
    reduced["Resources"] = {name: _without(document["Resources"][name], gone) for name in adopted}
    return json.dumps(reduced, indent=2, sort_keys=True) + "\n"


def _without(resource: Mapping[str, Any], gone: frozenset[str] | set[str]) -> dict[str, Any]:
    properties = {
        name: value
        for name, value in resource.get("Properties", {}).items()
        if not references(value) & gone
    }
    kept = {name: value for name, value in resource.items() if name != "DependsOn"}
    return {**kept, "Properties": properties}


def _alias_of(
    logical_id: str, template: Template, resources: Mapping[str, Mapping[str, Any]]
) -> str | None:
    """The name of the alias that points at a key: the only name a key has."""
    for name, resource in template.resources.items():
        if resource["Type"] == _ALIAS and name in resources:
            target = resource["Properties"]["TargetKeyId"]
            if logical_id in references(target) - {NO_VALUE}:
                return str(resources[name]["Properties"]["AliasName"])
    return None
