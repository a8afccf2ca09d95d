"""Whether what outlives its stack can be found again, by what AWS's schema of its type says.

That takes a name of its own, which a template sets and AWS finds it by, and tags, which tell whose
it is. `model.templates.stateful.FOUND_AGAIN` has the types that tapgen knows better.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from tapgen.review.schemas import handles, identifier_properties, names_of, resource_schema


@dataclass(frozen=True)
class Naming:
    """How resources of a type are told apart.

    `name` is the property that a template sets, `identifier` the one that an import asks for, and
    `tags` the one with the tags. Where resources are `listed`, AWS finds none by its name.
    """

    name: str
    identifier: str
    tags: str
    listed: bool = False


@cache
def naming_of(resource_type: str) -> Naming | None:
    """How a resource is found again; None where it cannot be, or not as whose it is."""
    schema = resource_schema(resource_type)
    tagging = schema.get("tagging", {})
    identifiers = identifier_properties(resource_type)
    if len(identifiers) != 1 or not handles(resource_type, "read") or not tagging.get("taggable"):
        return None
    (identifier,), (tags,) = identifiers, names_of([tagging.get("tagProperty", "")])
    hidden = {*schema.get("readOnlyProperties", ()), *schema.get("writeOnlyProperties", ())}
    told = set(schema.get("properties", {})) - set(names_of(hidden))
    if tags not in told:
        return None
    if identifier in told:
        return Naming(identifier, identifier, tags)
    leaf = resource_type.rpartition("::")[2]
    for name in (f"{leaf}Name", "Name"):
        if name in told and handles(resource_type, "list"):
            return Naming(name, identifier, tags, listed=True)
    return None
