"""Finding and deleting retained resources of types that Cloud Control supports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tapgen.aws.resources.cloud_control import change, delete, get, identifier_of, listed
from tapgen.aws.resources.tags import Clients
from tapgen.model.templates.stateful import DELETION_PROTECTION
from tapgen.review.retention import Naming
from tapgen.review.schemas import names_of, resource_schema, tag_values

# The value that switches deletion protection off, by the current value.
_OFF: Final[dict[Any, Any]] = {
    True: False,
    "true": "false",
    "ACTIVE": "INACTIVE",
    "ENABLED": "DISABLED",
}


def found(
    clients: Clients, resource_type: str, naming: Naming, properties: Mapping[str, Any]
) -> list[str]:
    """The identifiers of all resources with the declared name.

    Raises `UnableError` if such resources cannot be read, and errors of botocore.
    """
    name = str(properties[naming.name])
    if naming.listed:
        return list(_listed(clients, resource_type, naming.name, name))
    there = get(clients, resource_type, name)
    # AWS may return the name in another form, such as in lower case.
    return [] if there is None else [str(there.get(naming.identifier, name))]


def _listed(clients: Clients, resource_type: str, property_: str, name: str) -> Iterator[str]:
    for identifier, told in listed(clients, resource_type):
        # Most lists contain only identifiers.
        there = told if property_ in told else get(clients, resource_type, identifier)
        if there and there.get(property_) == name:
            yield identifier


def tags(clients: Clients, resource_type: str, physical_id: str) -> dict[str, str]:
    """The resource's tags; none if it does not exist.

    Raises `UnableError` if they cannot be read, and errors of botocore.
    """
    (name,) = names_of([resource_schema(resource_type).get("tagging", {}).get("tagProperty", "")])
    there = get(clients, resource_type, identifier_of(resource_type, physical_id, {})) or {}
    return {key: str(value) for key, value in tag_values(there.get(name)).items()}


def purge(clients: Clients, resource_type: str, physical_id: str) -> None:
    """Delete a resource, after switching its deletion protection off.

    Raises `UnableError`, `TapgenError` if the deletion fails, and errors of botocore.
    """
    identifier = identifier_of(resource_type, physical_id, {})
    there = get(clients, resource_type, identifier) or {}
    off = [
        {"op": "replace", "path": f"/{name}", "value": _OFF[there[name]]}
        for name in DELETION_PROTECTION
        if there.get(name) in _OFF
    ]
    if off:
        change(clients, resource_type, identifier, off)
    delete(clients, resource_type, identifier)
