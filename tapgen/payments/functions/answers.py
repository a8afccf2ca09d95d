"""Responses of endpoints, and their form as an API Gateway proxy response."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Answer:
    """Status code, JSON document (None: no body) and headers besides the standard ones."""

    status: int
    document: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json"

    def proxy_response(self) -> dict[str, Any]:
        """The form that API Gateway expects from a Lambda proxy integration.

        Fields keep the order of the document. No response may be cached, because responses contain
        payments and session ids.
        """
        headers = {"Cache-Control": "no-store", **self.headers}
        body = ""
        if self.document is not None:
            headers["Content-Type"] = self.media_type
            body = json.dumps(self.document, ensure_ascii=False, separators=(",", ":"))
        return {
            "statusCode": self.status,
            "headers": headers,
            "body": body,
            "isBase64Encoded": False,
        }
