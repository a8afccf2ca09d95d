"""Deletion protection of user pools. MiniStack stores it but ignores it."""

from __future__ import annotations

from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import cognito


def protect_user_pools() -> None:
    """Refuse to delete a pool that is protected or has a domain."""
    delete = cognito._delete_user_pool

    def deleting(request: dict[str, Any]) -> Any:
        pool = cognito._user_pools.get(request.get("UserPoolId"), {})
        if pool.get("DeletionProtection") == "ACTIVE":
            return _refused(
                "The user pool cannot be deleted because deletion protection is activated. "
                "Deletion protection must be inactivated first."
            )
        if pool.get("Domain") or pool.get("CustomDomain"):
            return _refused(
                "User pool cannot be deleted. It has a domain configured that should be deleted "
                "first."
            )
        return delete(request)

    cognito._delete_user_pool = deleting


def _refused(message: str) -> Any:
    return error_response_json("InvalidParameterException", message, 400)
