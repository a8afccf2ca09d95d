"""Removing replicas of a secret, the only operation on them that MiniStack lacks."""

from __future__ import annotations

from typing import Any

from tapgen.local.internals.records import remove_replicas
from tapgen.local.services.json_service import JsonService, ServiceError


def _remove(request: dict[str, Any]) -> dict[str, Any]:
    secret = remove_replicas(request["SecretId"], frozenset(request["RemoveReplicaRegions"]))
    if secret is None:
        raise ServiceError(
            "ResourceNotFoundException", "Secrets Manager can't find the specified secret."
        )
    return {"ARN": secret["ARN"], "ReplicationStatus": secret["ReplicationStatus"]}


SERVICE = JsonService(
    operations={"RemoveRegionsFromReplication": _remove},
    clear=lambda: None,  # it is stored in the secret itself
)
