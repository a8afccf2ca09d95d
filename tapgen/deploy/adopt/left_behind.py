"""What an earlier stack left behind, and an update that could not take it back: found by its name.

Names are derived from the environment, so that whoever deploys, and whoever destroys, finds again
what is retained. A KMS key has no name; it is found through its alias.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from tapgen.aws.resources.kept import find, kind_of
from tapgen.aws.resources.retained import KEY, Region
from tapgen.errors import TapgenError
from tapgen.model.plan import Adoption
from tapgen.model.stack import Stack
from tapgen.model.templates.intrinsics import NO_VALUE, Resolver, references
from tapgen.model.templates.template import Template

ALIAS: Final = "AWS::KMS::Alias"

Find = Callable[[Region, str, Mapping[str, Any], Mapping[str, str]], str | None]
# Logical id -> (type, physical id).
Resources = Mapping[str, tuple[str, str]]


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

        left_behind(stack, stack.parameters, region, remember)

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
    kind = kind_of(resource_type)
    return region.name, resource_type, str(kind and properties.get(kind.name))


def left_behind(
    stack: Stack,
    parameters: Mapping[str, str],
    region: Region,
    find: Find = find,
    deployed: Resources | None = None,
) -> tuple[Adoption, ...]:
    """The retained resources of the template that exist already, by their names and tags.

    `deployed` are those that the stack has. Raises `RefusedError` where one of a declared name is
    not known to be the stack's.
    """
    resolver = Resolver(stack.template.document, parameters, stack.account_id, stack.region)
    resources = resolver.resolve().resources
    found = []
    for logical_id, resource_type in sorted(stack.template.retained.items()):
        there = logical_id not in resources or logical_id in (deployed or {})
        kind = kind_of(resource_type)
        if there or kind is None:
            continue
        properties = resources[logical_id].get("Properties", {})
        if resource_type == KEY:
            properties = {"AliasName": alias_of(logical_id, stack.template, resources)}
        identifier = find(region, resource_type, properties, stack.identity)
        if identifier is not None:
            found.append(Adoption(logical_id, resource_type, kind.identifier, identifier))
    return tuple(found)


def alias_of(
    logical_id: str, template: Template, resources: Mapping[str, Mapping[str, Any]]
) -> str | None:
    """The name of the alias that points at a key: the only name a key has."""
    for name, resource in template.resources.items():
        if resource["Type"] == ALIAS and name in resources:
            target = resource["Properties"]["TargetKeyId"]
            if logical_id in references(target) - {NO_VALUE}:
                return str(resources[name]["Properties"]["AliasName"])
    return None
