"""Resources that an earlier stack left behind, or an update that was rolled back: found by name.

Names are derived from the environment, so that later deployments, and `destroy`, find retained
resources again. A KMS key has no name; it is found through its alias.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, Final

from tapgen.aws.resources.kept import find, kind_of
from tapgen.aws.resources.retained import KEY, Region
from tapgen.errors import TapgenError
from tapgen.model.plan import Adoption
from tapgen.model.stack import Stack
from tapgen.model.templates.intrinsics import NO_VALUE, Resolver, references
from tapgen.model.templates.template import Template
from tapgen.review.schemas import physical_id_of

ALIAS: Final = "AWS::KMS::Alias"

Find = Callable[[Region, str, Mapping[str, Any], Mapping[str, str]], str | None]
# Logical id -> (type, physical id).
Resources = Mapping[str, tuple[str, str]]


def as_held(adoptions: Iterable[Adoption]) -> dict[str, tuple[str, str]]:
    """The resources as those of a stack."""
    return {
        one.logical_id: (one.resource_type, physical_id_of(one.resource_type, one.identifier))
        for one in adoptions
    }


class Lookups:
    """Looks up retained resources, also ahead of time.

    An answer that was looked up ahead is used once, so that later calls do not get an old one.
    """

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str, str], str | None] = {}

    def foresee(self, stack: Stack, region: Region) -> None:
        """Look up resources that the stack may take over and whose names need no inputs."""

        def remember(
            region: Region,
            resource_type: str,
            properties: Mapping[str, Any],
            owner: Mapping[str, str],
        ) -> None:
            question = _question(region, resource_type, properties)
            with suppress(TapgenError):  # `find` looks it up again
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
    """The retained resources of the template that already exist, by their names and tags.

    `deployed` are those that the stack has. Raises `RefusedError` if a resource with a declared
    name is not known to be the stack's.
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
    """The name of the alias of a key: the only name that a key has."""
    for name, resource in template.resources.items():
        if resource["Type"] == ALIAS and name in resources:
            target = resource["Properties"]["TargetKeyId"]
            if logical_id in references(target) - {NO_VALUE}:
                return str(resources[name]["Properties"]["AliasName"])
    return None
