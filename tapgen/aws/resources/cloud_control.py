"""Resources of any type through AWS's Cloud Control API, in the shape of the type's schema.

It runs the same handlers as CloudFormation, with the permissions of the caller. For a type whose
schema names no handler, it is not called.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from botocore.exceptions import ClientError

from tapgen.aws.errors import UnableError, code_of, message_of
from tapgen.aws.polling import poll_delays, until
from tapgen.aws.resources.tags import Clients
from tapgen.errors import TapgenError
from tapgen.model.templates.intrinsics import Unknown
from tapgen.review.schemas import handles, identifier_properties, resource_schema

_ABSENT: Final = "ResourceNotFoundException"
_GONE: Final = "NotFound"  # the same as the error code of a request that has failed
# Errors of AWS if it has no such handler, or if the identifier does not fit the type.
_UNABLE: Final = frozenset(
    {
        "InvalidRequestException",
        "TypeNotFoundException",
        "UnsupportedActionException",
        "ValidationException",
    }
)
_ARN: Final = "arn:"
# The deletion of a database may take this long, and its handler even longer ("timeoutInMinutes" in
# the schemas): then a later run continues.
_SECONDS: Final = 3600.0


def identifier_of(resource_type: str, physical_id: str, declared: Mapping[str, Any]) -> str:
    """Cloud Control's identifier of a resource with this physical id in its stack.

    Usually it is the physical id itself. If several properties identify a resource, some of them
    are declared, and the physical id is the one that only AWS knows. If Ref returns a name and the
    resource is identified by its ARN, the name may be the schema's additional identifier.

    Raises `UnableError` if it cannot be derived.
    """
    names = identifier_properties(resource_type)
    if not names:
        raise UnableError(f"AWS publishes no schema of {resource_type}")
    if len(names) == 1:
        return _single(resource_type, names[0], physical_id)
    if physical_id.count("|") == len(names) - 1:
        return physical_id
    known = {name: declared[name] for name in names if isinstance(declared.get(name), str)}
    if any(isinstance(declared.get(name), Unknown) for name in names):
        raise UnableError(f"only AWS knows its identifier: {', '.join(names)}")
    missing = [name for name in names if name not in known]
    if len(missing) > 1:
        raise UnableError(f"its physical id does not contain {' and '.join(missing)}")
    last = physical_id.rpartition("|")[2]
    if missing and last in known.values():
        raise UnableError(f"its physical id is {last}, not its {missing[0]}")
    if missing:
        known[missing[0]] = last
    return "|".join(known[name] for name in names)


def _single(resource_type: str, name: str, physical_id: str) -> str:
    if not name.lower().endswith("arn") or physical_id.startswith(_ARN):
        return physical_id
    others = resource_schema(resource_type).get("additionalIdentifiers", [])
    for other in others:
        if len(other) == 1 and not other[0].lower().endswith("arn"):
            # Other identifiers than the primary one are given as JSON (Cloud Control API user
            # guide, "Using a resource's primary identifier").
            return json.dumps({other[0].rpartition("/")[2]: physical_id})
    raise UnableError(f"it is identified by its {name}, which its physical id does not contain")


def get(clients: Clients, resource_type: str, identifier: str) -> dict[str, Any] | None:
    """The properties of a resource in the form of its schema; None if it does not exist.

    They never include those that are write-only in the schema. Raises `UnableError`, and errors of
    botocore.
    """
    _refuse_without(resource_type, "read")
    try:
        answer = clients.client("cloudcontrol").get_resource(
            TypeName=resource_type, Identifier=identifier
        )
    except ClientError as error:
        if code_of(error) == _ABSENT:
            return None
        raise _unable(error) from error
    found: dict[str, Any] = json.loads(answer["ResourceDescription"]["Properties"])
    return found


def listed(clients: Clients, resource_type: str) -> list[tuple[str, dict[str, Any]]]:
    """Identifier and properties of all resources of a type in the account and region.

    A list may have fewer properties than `get`. Raises `UnableError`, and errors of botocore.
    """
    _refuse_without(resource_type, "list")
    pages = clients.client("cloudcontrol").get_paginator("list_resources")
    try:
        return [
            (str(one["Identifier"]), json.loads(one.get("Properties", "{}")))
            for page in pages.paginate(TypeName=resource_type)
            for one in page["ResourceDescriptions"]
        ]
    except ClientError as error:
        raise _unable(error) from error


def change(
    clients: Clients, resource_type: str, identifier: str, patch: Sequence[Mapping[str, Any]]
) -> None:
    """Apply a JSON patch (RFC 6902) to the properties of a resource, and wait until it is done.

    Raises `UnableError`, `TapgenError` if the change fails, and errors of botocore.
    """
    _refuse_without(resource_type, "update")
    try:
        answer = clients.client("cloudcontrol").update_resource(
            TypeName=resource_type, Identifier=identifier, PatchDocument=json.dumps(list(patch))
        )
    except ClientError as error:
        raise _unable(error) from error
    _finish(clients, answer["ProgressEvent"], f"the change of {resource_type} {identifier}")


def delete(clients: Clients, resource_type: str, identifier: str) -> None:
    """Delete a resource and wait for it; not an error if it no longer exists.

    Raises `UnableError`, `TapgenError` if the deletion fails, and errors of botocore.
    """
    _refuse_without(resource_type, "delete")
    try:
        answer = clients.client("cloudcontrol").delete_resource(
            TypeName=resource_type, Identifier=identifier
        )
    except ClientError as error:
        if code_of(error) == _ABSENT:
            return
        raise _unable(error) from error
    _finish(clients, answer["ProgressEvent"], f"the deletion of {resource_type} {identifier}")


def _finish(clients: Clients, progress: Mapping[str, Any], what: str) -> None:
    client = clients.client("cloudcontrol")
    latest = dict(progress)

    def ended() -> Mapping[str, Any] | None:
        nonlocal latest
        if latest["OperationStatus"] in {"PENDING", "IN_PROGRESS", "CANCEL_IN_PROGRESS"}:
            answer = client.get_resource_request_status(RequestToken=latest["RequestToken"])
            latest = answer["ProgressEvent"]
        done = latest["OperationStatus"] in {"SUCCESS", "FAILED", "CANCEL_COMPLETE"}
        return latest if done else None

    end = until(ended, what=what, seconds=_SECONDS, pauses=poll_delays())
    if end["OperationStatus"] != "SUCCESS" and end.get("ErrorCode") != _GONE:
        reason = end.get("StatusMessage") or end["OperationStatus"]
        raise TapgenError(f"{what} failed: {end.get('ErrorCode', 'unknown')}: {reason}")


def _refuse_without(resource_type: str, verb: str) -> None:
    if not handles(resource_type, verb):
        raise UnableError(f"AWS cannot {verb} {resource_type}: its schema has no such handler")


def _unable(error: ClientError) -> Exception:
    code = code_of(error)
    return UnableError(f"{code}: {message_of(error)}") if code in _UNABLE else error
