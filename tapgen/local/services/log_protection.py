"""Deletion protection of log groups: the operation that sets it."""

from __future__ import annotations

from typing import Any

from tapgen.local.internals.services import logs
from tapgen.local.services.json_service import JsonService, ServiceError


def _put(request: dict[str, Any]) -> dict[str, Any]:
    identifier = str(request["logGroupIdentifier"])
    name = identifier.partition(":log-group:")[2] or identifier
    if not logs.set_protection(name, enabled=bool(request["deletionProtectionEnabled"])):
        raise ServiceError("ResourceNotFoundException", "The specified log group does not exist.")
    return {}


SERVICE = JsonService(
    operations={"PutLogGroupDeletionProtection": _put},
    clear=lambda: None,  # it is stored in the group itself
)
