"""Cloud Control over resources of stacks and services, instead of MiniStack's own.

MiniStack's only has resources that it has created itself. Here a resource is read from its service,
so changes made by hand are visible. A type that cannot be read in this way is refused, like a type
without a handler on AWS. Errors: Cloud Control API reference, GetResource and DeleteResource.
"""

from __future__ import annotations

import json
import time
import uuid
from typing import Any, Final

from botocore.exceptions import ClientError
from ministack.core.responses import AccountRegionScopedDict

from tapgen.local import internals
from tapgen.local.provisioner import GONE
from tapgen.local.schemas import handlers, identifier, schema
from tapgen.local.services.json_service import JsonService, ServiceError
from tapgen.local.services.live_resources import LIVE, Live, Properties

_requests = AccountRegionScopedDict()
_STACK: Final = "cloud-control"
# Errors of a handler's service about the caller are also errors of Cloud Control.
_PASSED_ON: Final = frozenset({"AccessDeniedException", "ThrottlingException"})


def _get(request: dict[str, Any]) -> dict[str, Any]:
    kind, live = _served(request, "read")
    name, properties = _found(kind, live, request["Identifier"])
    return {"TypeName": kind, "ResourceDescription": _described(name, properties)}


def _list(request: dict[str, Any]) -> dict[str, Any]:
    kind, live = _served(request, "list")
    described = [_described(name, live.read(name)) for name in live.identifiers()]
    return {"TypeName": kind, "ResourceDescriptions": described}


def _update(request: dict[str, Any]) -> dict[str, Any]:
    kind, live = _served(request, "update")
    name, before = _found(kind, live, request["Identifier"])
    after = _patched(before, json.loads(request["PatchDocument"]))
    update = internals.HANDLERS[kind]["update"]
    return _progress("UPDATE", kind, name, lambda: update(name, before, after, _STACK))


def _delete(request: dict[str, Any]) -> dict[str, Any]:
    kind, live = _served(request, "delete")
    name, before = _found(kind, live, request["Identifier"])
    delete = internals.HANDLERS[kind]["delete"]
    return _progress("DELETE", kind, name, lambda: delete(name, before))


def _status(request: dict[str, Any]) -> dict[str, Any]:
    token = request["RequestToken"]
    if (event := _requests.get(token)) is None:
        raise ServiceError("RequestTokenNotFoundException", f"Request {token} was not found.")
    return {"ProgressEvent": event}


def _create(request: dict[str, Any]) -> dict[str, Any]:
    raise _unsupported(request["TypeName"], "CREATE")


def _served(request: dict[str, Any], verb: str) -> tuple[str, Live]:
    kind = request["TypeName"]
    if not schema(kind):
        raise ServiceError("TypeNotFoundException", f"The type '{kind}' cannot be found.")
    if verb not in handlers(kind) or kind not in LIVE:
        raise _unsupported(kind, verb.upper())
    return kind, LIVE[kind]


def _unsupported(kind: str, action: str) -> ServiceError:
    return ServiceError(
        "UnsupportedActionException", f"Resource type {kind} does not support {action} action"
    )


def _found(kind: str, live: Live, given: str) -> tuple[str, Properties]:
    name = _named(kind, given)
    try:
        return name, live.read(name)
    except ClientError as error:
        code, message = error.response["Error"]["Code"], str(error)
        if GONE.search(code):
            code = "ResourceNotFoundException"
            message = f"Resource of type '{kind}' with identifier '{given}' was not found."
        elif code not in _PASSED_ON:
            code = "GeneralServiceException"
        raise ServiceError(code, message) from error


def _named(kind: str, given: str) -> str:
    """The primary identifier, which may be JSON with the names of its properties."""
    if not given.startswith("{"):
        return given
    parts = json.loads(given)
    (property_,) = identifier(kind)  # for each supported type
    if property_ not in parts:
        raise ServiceError(
            "InvalidRequestException", f"Identifier {given} is not valid for {[property_]}"
        )
    return str(parts[property_])


def _described(name: str, properties: Properties) -> dict[str, str]:
    return {"Identifier": name, "Properties": json.dumps(properties, default=str)}


def _patched(before: Properties, patch: list[dict[str, Any]]) -> Properties:
    """The properties after a JSON patch. Only patches of whole properties are supported."""
    after = dict(before)
    for step in patch:
        name = step["path"].removeprefix("/")
        if step["op"] not in {"add", "remove", "replace"} or "/" in name:
            raise ServiceError("InvalidRequestException", f"This step is not served: {step}")
        if step["op"] == "remove":
            after.pop(name, None)
        else:
            after[name] = step["value"]
    return after


def _progress(operation: str, kind: str, name: str, work: Any) -> dict[str, Any]:
    """Do the work, and answer as if it had only started: clients poll for its end, as on AWS."""
    begun = {
        "TypeName": kind,
        "Identifier": name,
        "RequestToken": str(uuid.uuid4()),
        "Operation": operation,
        "OperationStatus": "IN_PROGRESS",
        "EventTime": time.time(),
    }
    try:
        work()
        ended = {"OperationStatus": "SUCCESS"}
    except (ClientError, ValueError) as error:
        ended = {
            "OperationStatus": "FAILED",
            "ErrorCode": "GeneralServiceException",
            "StatusMessage": str(error),
        }
    _requests[begun["RequestToken"]] = {**begun, **ended}
    return {"ProgressEvent": begun}


SERVICE = JsonService(
    operations={
        "CreateResource": _create,
        "DeleteResource": _delete,
        "GetResource": _get,
        "GetResourceRequestStatus": _status,
        "ListResources": _list,
        "UpdateResource": _update,
    },
    clear=_requests.clear,
    in_thread=True,
)
