"""Tables whose changes take time, and requests that DynamoDB refuses in the meantime.

"UpdateTable is an asynchronous operation; while it's executing, the table status changes from
ACTIVE to UPDATING. While it's UPDATING, you can't issue another UpdateTable request"; and of
DeleteTable, "If table is in CREATING or UPDATING states, then DynamoDB returns a
ResourceInUseException" (DynamoDB API reference). MiniStack changes a table at once.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

if TYPE_CHECKING:
    from collections.abc import Callable

_UNTIL = "_updating_until"
_MAKING = "_making"
_LOOK_SECONDS = 0.02


def take_time(seconds: Callable[[], float]) -> None:
    """Let a changed table be UPDATING for `seconds()`. CloudFormation waits for it, as on AWS."""
    update, delete, describe, provision = (
        dynamodb._update_table,
        dynamodb._delete_table,
        dynamodb._table_description,
        provisioners._ddb_update_call,
    )

    def updating(request: dict[str, Any]) -> Any:
        name, table = _named(request)
        if _is_updating(table):
            return _in_use(name)
        if len(_indexes(request, "Create", "Delete")) > 1:
            return error_response_json(
                "LimitExceededException",
                "Subscriber limit exceeded: Only 1 online index can be created or deleted "
                "simultaneously per table",
                400,
            )
        answer = update(request)
        if answer[0] >= 400:  # noqa: PLR2004 - an HTTP status
            return answer
        table |= {_UNTIL: time.monotonic() + seconds(), _MAKING: _indexes(request, "Create")}
        return json_response({"TableDescription": dynamodb._table_description(name)})

    def deleting(request: dict[str, Any]) -> Any:
        name, table = _named(request)
        if _is_updating(table):
            return _in_use(name)
        return _protected() if table.get("DeletionProtectionEnabled") else delete(request)

    def describing(name: str) -> dict[str, Any]:
        told: dict[str, Any] = describe(name)
        table = dynamodb._tables[name]
        busy = _is_updating(table)
        making = table[_MAKING] if busy else []
        indexes = [
            {**index, "IndexStatus": "CREATING" if index["IndexName"] in making else "ACTIVE"}
            for index in told.get("GlobalSecondaryIndexes", [])
        ]
        status = {"TableStatus": "UPDATING"} if busy else {}
        return {**told, **status, **({"GlobalSecondaryIndexes": indexes} if indexes else {})}

    def provisioning(request: dict[str, Any]) -> None:
        wait_until_active(request["TableName"])
        provision(request)
        wait_until_active(request["TableName"])

    dynamodb._update_table = updating
    dynamodb._delete_table = deleting
    dynamodb._table_description = describing
    provisioners._ddb_update_call = provisioning


def wait_until_active(name: str) -> None:
    """Wait on a worker thread, as CloudFormation does before it continues; no table is fine."""
    while _is_updating(dynamodb._tables.get(name) or {}):
        time.sleep(_LOOK_SECONDS)


def _named(request: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    name = dynamodb._normalize_table_name(request.get("TableName"))
    return name, dynamodb._tables.get(name) or {}


def _indexes(request: dict[str, Any], *actions: str) -> list[str]:
    """The names of the indexes with one of the actions."""
    return [
        change[action]["IndexName"]
        for change in request.get("GlobalSecondaryIndexUpdates") or []
        for action in actions
        if action in change
    ]


def _is_updating(table: dict[str, Any]) -> bool:
    return bool(table.get(_UNTIL, 0.0) > time.monotonic())


def _protected() -> Any:
    """DynamoDB's message (from ekristen/aws-nuke#451) instead of MiniStack's."""
    return error_response_json(
        "ValidationException",
        "Resource cannot be deleted as it is currently protected against deletion. "
        "Disable deletion protection first.",
        400,
    )


def _in_use(name: str) -> Any:
    return error_response_json(
        "ResourceInUseException",
        f"Attempt to change a resource which is still in use: Table is being updated: {name}",
        400,
    )
