"""Finding and deleting what outlives its stack, for types that Cloud Control knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tapgen.aws.resources.cloud_control import change, delete, get, identifier_of, listed
from tapgen.aws.resources.tags import Clients
from tapgen.model.templates.stateful import DELETION_PROTECTION
from tapgen.review.retention import Naming
from tapgen.review.schemas import names_of, resource_schema, tag_values

# The value that switches deletion protection off, by the one that it has.
_OFF: Final[dict[Any, Any]] = {
    True: False,
    "true": "false",
    "ACTIVE": "INACTIVE",
    "ENABLED": "DISABLED",
}


def found(
    clients: Clients, resource_type: str, naming: Naming, properties: Mapping[str, Any]
) -> list[str]:
    """The identifiers of all resources of the declared name.

    Raises `UnableError` where nobody reads such resources, and what botocore raises.
    """
    name = str(properties[naming.name])
    if naming.listed:
        return list(_listed(clients, resource_type, naming.name, name))
    there = get(clients, resource_type, name)
    # AWS may have it in another form, such as in lower case.
    return [] if there is None else [str(there.get(naming.identifier, name))]


def _listed(clients: Clients, resource_type: str, property_: str, name: str) -> Iterator[str]:
    for identifier, told in listed(clients, resource_type):
        # Most lists tell the identifiers only.
        there = told if property_ in told else get(clients, resource_type, identifier)
        if there and there.get(property_) == name:
            yield identifier


def tags(clients: Clients, resource_type: str, physical_id: str) -> dict[str, str]:
    """The resource's tags; none where it is not there.

    Raises `UnableError` where nobody reads them, and what botocore raises.
    """
    (name,) = names_of([resource_schema(resource_type).get("tagging", {}).get("tagProperty", "")])
    there = get(clients, resource_type, identifier_of(resource_type, physical_id, {})) or {}
    return {key: str(value) for key, value in tag_values(there.get(name)).items()}


def purge(clients: Clients, resource_type: str, physical_id: str) -> None:
    """Delete a resource; what protects it against that is switched off before.

    Raises `UnableError`, `TapgenError` where AWS does not do it, and what botocore raises.
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
