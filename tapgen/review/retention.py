"""Whether a resource that outlives its stack can be found again, according to its type's schema.

It needs a name that a template sets and that AWS finds it by, and tags that show its owner.
`model.templates.stateful.FOUND_AGAIN` has the types for which tapgen knows more than the schema.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from tapgen.review.schemas import handles, identifier_properties, names_of, resource_schema


@dataclass(frozen=True)
class Naming:
    """The properties that identify resources of a type and their owner.

    A template sets the property `name`, an import needs `identifier`, and `tags` has the tags. If
    `listed`, AWS does not find a resource by its name: all have to be listed.
    """

    name: str
    identifier: str
    tags: str
    listed: bool = False


@cache
def naming_of(resource_type: str) -> Naming | None:
    """How a resource is found again; None if it cannot be, or if its owner could not be told."""
    schema = resource_schema(resource_type)
    tagging = schema.get("tagging", {})
    identifiers = identifier_properties(resource_type)
    if len(identifiers) != 1 or not handles(resource_type, "read") or not tagging.get("taggable"):
        return None
    (identifier,), (tags,) = identifiers, names_of([tagging.get("tagProperty", "")])
    hidden = {*schema.get("readOnlyProperties", ()), *schema.get("writeOnlyProperties", ())}
    visible = set(schema.get("properties", {})) - set(names_of(hidden))
    if tags not in visible:
        return None
    if identifier in visible:
        return Naming(identifier, identifier, tags)
    leaf = resource_type.rpartition("::")[2]
    for name in (f"{leaf}Name", "Name"):
        if name in visible and handles(resource_type, "list"):
            return Naming(name, identifier, tags, listed=True)
    return None
