"""The limit of parameters in one request, which MiniStack lacks."""

from __future__ import annotations

from typing import Any, Final

from ministack.core.responses import error_response_json
from ministack.services import ssm

# Systems Manager API reference, GetParameters, Names: "Maximum number of 10 items".
_MOST: Final = 10


def count_parameters() -> None:
    """Refuse requests for more parameters than AWS allows."""
    get = ssm._get_parameters

    def getting(request: dict[str, Any]) -> Any:
        if len(request.get("Names", [])) > _MOST:
            return error_response_json(
                "ValidationException",
                "1 validation error detected: Value at 'names' failed to satisfy constraint: "
                f"Member must have length less than or equal to {_MOST}",
                400,
            )
        return get(request)

    ssm._get_parameters = getting
